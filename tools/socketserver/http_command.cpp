#include "http_command.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <socketserver/http_server.hpp>

#include "arguments.hpp"
#include "serving.hpp"

namespace socketserver::tool {
namespace {

constexpr const char* kDefaultPort = "8000";
constexpr const char* kDefaultDirectory = ".";
constexpr const char* kLoopback = "127.0.0.1";
constexpr const char* kOnlyHere =
    "\nClients may change files, so only this machine is served: -b ADDRESS for others";

struct Http10FileHandler : FileStoreHTTPRequestHandler {
  using FileStoreHTTPRequestHandler::FileStoreHTTPRequestHandler;

 protected:
  std::string_view protocol_version() const override { return "HTTP/1.0"; }
};

StreamHandler file_handler(FileStoreOptions options, std::string_view protocol) {
  if (protocol == "HTTP/1.0") return handler<Http10FileHandler>(std::move(options));
  return handler<FileStoreHTTPRequestHandler>(std::move(options));
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// The one value that was given, however often, or `fallback`.
std::string only_value(const char* name, const std::vector<std::string>& given,
                       const char* fallback) {
  if (given.empty()) return fallback;
  const auto other =
      std::ranges::find_if(given, [&](const std::string& value) { return value != given.front(); });
  if (other == given.end()) return given.front();
  throw CLI::ValidationError(
      name, "given twice, as " + in_quotes(given.front()) + " and as " + in_quotes(*other));
}

void require_directory(const std::string& directory) {
  std::error_code ec;
  if (std::filesystem::is_directory(directory, ec)) return;
  if (!ec) ec = std::make_error_code(std::errc::not_a_directory);
  throw CLI::ValidationError("directory", in_quotes(directory) + ": " + ec.message());
}

/// Where a browser on this machine finds the server.
std::string local_url(const Address& address) {
  const std::string authority = address.is_unspecified()
                                    ? "localhost:" + std::to_string(address.port())
                                    : address.to_string();
  return "http://" + authority + '/';
}

std::string announcement(const Address& address, const std::string& directory) {
  return "Serving HTTP on " + address.host() + " port " + std::to_string(address.port()) + " (" +
         local_url(address) + ") from " + std::filesystem::canonical(directory).native() + " ...";
}

}  // namespace

HttpCommand::HttpCommand(CLI::App& program)
    : command_(program.add_subcommand("http", "Serve the files of a directory over HTTP.")),
      receiving_(*command_) {
  // An option may come again with the same value, and never takes the positional behind it.
  constexpr auto kRepeatable = CLI::MultiOptionPolicy::TakeAll;
  command_->add_option("PATH|PORT", place_, "Directory to serve; all digits: port to listen on")
      ->type_name("");
  command_->add_option("-p,--port", ports_, "Port to listen on; 0 lets the system choose")
      ->type_name("N")
      ->expected(1)
      ->multi_option_policy(kRepeatable)
      ->allow_extra_args(false)
      ->default_str(kDefaultPort);
  command_->add_option("-b,--bind", address_, "Address to listen on, all interfaces unless given")
      ->type_name("ADDR");
  command_->add_option("-d,--directory", directories_, "Directory to serve")
      ->type_name("DIR")
      ->expected(1)
      ->multi_option_policy(kRepeatable)
      ->allow_extra_args(false)
      ->default_str(kDefaultDirectory);
  command_->add_option("--protocol", protocol_, "Newest version of HTTP to speak")
      ->type_name("VERSION")
      ->check(CLI::IsMember({"HTTP/1.0", "HTTP/1.1"}))
      ->capture_default_str();
}

int HttpCommand::run() const {
  auto ports = ports_;
  auto directories = directories_;
  if (place_) (is_number(*place_) ? ports : directories).push_back(*place_);
  const std::uint16_t port = parse_port(only_value("port", ports, kDefaultPort));
  const std::string directory = only_value("directory", directories, kDefaultDirectory);
  require_directory(directory);

  // Whoever lets others change files must say whom.
  const bool only_here = receiving_.allows_changes() && address_.empty();
  ServerOptions options;
  receiving_.apply(options.limits);
  ThreadingHTTPServer server({only_here ? kLoopback : address_, port},
                             file_handler(receiving_.apply({.directory = directory}), protocol_),
                             options);
  serve_until_signal(
      server, announcement(server.server_address(), directory) + (only_here ? kOnlyHere : ""));
  return 0;
}

}  // namespace socketserver::tool
