#include "http_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/http_server.hpp>

#include "arguments.hpp"
#include "banner.hpp"
#include "browser.hpp"
#include "config_file.hpp"
#include "daemon.hpp"
#include "progress.hpp"
#include "qr_code.hpp"
#include "script_handler.hpp"
#include "serving.hpp"
#include "store_handler.hpp"

namespace socketserver::tool {
namespace {

constexpr const char* kDefaultDirectory = ".";
constexpr const char* kOnlyHere = ", so only this machine is served: -b ADDRESS for others";

/// What is to be served; OSError when it is not there.
std::filesystem::file_type type_of(const std::string& path) {
  if (path.empty()) throw CLI::ValidationError("directory", "needs a name");
  return tool::type_of(path, "directory: " + in_quotes(path));
}

/// Where clients may change something, and below: the words of its path.
std::vector<std::string> changeable_place(const FileHandlerOptions& options) {
  const auto place = http::resolve_target('/' + http::percent_encode_path(options.store.writable));
  return place ? place->words : std::vector<std::string>();
}

/// Without a desktop there is none, and nothing is lost.
void show_in_browser(const std::string& url, Log& log) {
  try {
    open_browser(url);
  } catch (const OSError& error) {
    log.message(LogLevel::warning, std::string("no browser: ") + error.what());
  }
}

}  // namespace

HttpCommand::HttpCommand(CLI::App& program)
    : command_(program.add_subcommand("http", "Serve the files of a directory over HTTP.")) {
  command_->option_defaults()->group("What");
  add_what(*command_);
  listen_ = group<ListenOptions>("Where");
  access_ = group<AccessOptions>("Who");
  view_ = group<ViewOptions>("What is shown");
  send_ = group<SendOptions>("What is sent");
  receive_ = group<ReceiveOptions>("Receiving files");
  cgi_ = group<CgiOptions>("Running scripts");
  engine_ = group<EngineOptions>("Engine and limits");
  rate_ = group<RateOptions>("Engine and limits");
  log_ = group<LogOptions>("Log");
  ops_ = group<OpsOptions>("Service");
  help_ = group<HelpOptions>("Help");
  add_generators(*command_, program);
  command_->get_help_ptr()->group("Help")->configurable(false);
  add_environment(*command_);
}

void HttpCommand::add_what(CLI::App& command) {
  constexpr int kMostPlaces = 2;
  command
      .add_option("PATH|PORT", places_, "Directory or file to serve; all digits: port to listen on")
      ->expected(0, kMostPlaces)
      ->type_name("");
  add_repeatable(command, "-d,--directory", directories_, "Directory to serve")
      ->type_name("DIR")
      ->default_str(kDefaultDirectory);
  command.add_option("--protocol", protocol_, "Newest version of HTTP to speak")
      ->type_name("VERSION")
      ->check(CLI::IsMember({"HTTP/1.0", "HTTP/1.1"}))
      ->capture_default_str();
}

/// The directory; or one file, whose directory then is the root.
FileHandlerOptions HttpCommand::what_to_serve() {
  FileHandlerOptions options{.protocol = protocol_};
  options.files.share_small_files = true;
  auto given = directories_;
  for (const std::string& place : places_) {
    if (is_number(place)) {
      listen_->add_port(place);
    } else {
      given.push_back(place);
    }
  }
  const std::string path = only_value(
      "directory", given, ops_->root().empty() ? kDefaultDirectory : ops_->root().c_str());
  const auto type = type_of(path);
  if (type == std::filesystem::file_type::directory) {
    options.files.directory = path;
    return options;
  }
  const bool is_place = std::ranges::find(places_, path) != places_.end();
  if (type != std::filesystem::file_type::regular || !is_place) {
    const auto code = std::make_error_code(std::errc::not_a_directory);
    throw CLI::ValidationError("directory", in_quotes(path) + ": " + code.message());
  }
  const auto file = std::filesystem::absolute(path).lexically_normal();
  options.files.directory = file.parent_path().native();
  options.only_file = file.filename().native();
  return options;
}

std::vector<std::string> HttpCommand::more_arguments() const {
  if (!chosen()) return {};
  auto arguments = arguments_of_environment(*command_);
  if (!help_->config().empty()) {
    const auto settings = arguments_of_config(help_->config(), *command_);
    arguments.insert(arguments.end(), settings.begin(), settings.end());
  }
  return arguments;
}

/// All options as a file, in which what was given by its place alone has a name.
std::string HttpCommand::config() {
  CLI::Option* const directory = command_->get_option("--directory");
  CLI::Option* const port = command_->get_option("--port");
  for (const std::string& place : places_) {
    std::error_code ec;
    if (!is_number(place) && std::filesystem::is_regular_file(place, ec)) {
      throw CLI::ValidationError("--print-config", in_quotes(place) +
                                                       " is one file, and a file of options can "
                                                       "name a directory only");
    }
    (is_number(place) ? port : directory)->add_result(place);
  }
  const auto keep_one = [](CLI::Option* option, const char* name) {
    if (option->count() == 0) return;
    const std::string value = only_value(name, option->results(), "");
    option->clear();
    option->add_result(value);
  };
  keep_one(directory, "directory");
  keep_one(port, "port");
  if (port->count() > 0) parse_port(port->results().front());
  return config_of(*command_);
}

int HttpCommand::run() {
  if (help_->prints_config()) {
    std::cout << config();
    return 0;
  }
  ops_->find_root();
  FileHandlerOptions files = what_to_serve();
  ServerOptions options;
  view_->apply(files);
  send_->apply(files);
  AccessRules rules;
  access_->apply(files, rules);
  engine_->apply(options);
  rate_->apply(files);
  if (!files.only_file.empty()) {
    // Only it can be asked for, and by its name.
    files.files.show_hidden = true;
    files.files.hidden_names.clear();
    files.files.precompressed = false;
  }
  ops_->apply(files);
  receive_->apply(files, options.limits, engine_->max_body_given());
  cgi_->apply(files, options.limits);
  const bool runs_scripts = cgi_->runs_scripts();
  const LogSettings log_settings = log_->settings();
  ops_->require_fit(log_settings, runs_scripts);
  const auto doubts = AccessOptions::doubts(files, rules);
  if (help_->checks_config()) {
    for (const std::string& doubt : doubts) std::cerr << "socketserver: " << doubt << '\n';
    std::cout << "The options make sense.\n";
    return 0;
  }
  // Whoever lets others change files or run programs must say whom. Scripts may be anywhere.
  const bool anybody = (receive_->allows_changes() && !rules.protects(changeable_place(files))) ||
                       (runs_scripts && !rules.protects({}));
  const bool only_here = anybody && !listen_->given();
  const Address address = listen_->apply(options, only_here ? kLoopback : "");
  help_->require_url(!has_only_unix_sockets(address, options));

  // All that can be said of the options has been said; what is left may fail in the background.
  Daemon daemon;
  if (ops_->is_daemon()) {
    if (const auto status = daemon.begin()) return *status;
  }
  Log log(log_settings);
  files.log = &log;
  options.log = log.sink();
  // A process of its own could not tell of its transfers.
  const bool forks = engine_->engine() == Engine::fork || engine_->engine() == Engine::prefork;
  std::optional<Progress> progress;
  if (!forks && Progress::suits(log_settings)) progress.emplace(log, STDERR_FILENO);
  files.progress = progress ? &*progress : nullptr;
  for (const std::string& doubt : doubts) log.message(LogLevel::warning, doubt);
  std::unique_ptr<PidFile> pid_file;  // it outlasts the server
  const auto server = make_server_with<HTTPServer>(
      engine_->engine(), address,
      runs_scripts ? StreamHandler(handler<ScriptHandler>(files)) : handler<StoreHandler>(files),
      options);
  const auto addresses = server->server_addresses();
  // A program that has started this reads lines that stay as they are.
  const bool is_seen = ::isatty(STDOUT_FILENO) != 0 && !ops_->is_daemon();
  std::string text =
      is_seen ? friendly_announcement(addresses, files) : announcement(addresses, files);
  if (only_here) {
    text += runs_scripts ? "\nClients may run scripts" : "\nClients may change files";
    text += kOnlyHere;
  }
  pid_file = ops_->settle(log);
  if (help_->shows_qr_code()) std::cout << qr_code(network_url(addresses, files));
  if (help_->opens_browser()) show_in_browser(browser_url(addresses, files), log);
  serve_until_signal(*server, text, ops_->shutdown_delay(), [&] {
    if (ops_->is_daemon()) daemon.detach();
  });
  return 0;
}

}  // namespace socketserver::tool
