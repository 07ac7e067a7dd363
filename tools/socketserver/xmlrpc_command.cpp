#include "xmlrpc_command.hpp"

#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/codec/json.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

#include "arguments.hpp"
#include "printable.hpp"
#include "xmlrpc_methods.hpp"

namespace socketserver::tool {
namespace {

constexpr int kRefused = 1;

constexpr const char* kURLs =
    "A URL is http://[USER:PASS@]HOST[:PORT][/PATH], unix:///run/x.sock, or\n"
    "http+unix://%2Frun%2Fx.sock/PATH; the path is /RPC2 unless it is given.";

constexpr const char* kArguments =
    "An argument is JSON, or text when it is no JSON: 5 is a number, \"5\" in quotes of its own "
    "is\n"
    "text, and so is five. The result is printed as JSON.\n\n";

/// Says on standard error what the server has refused.
int run_remotely(const std::function<void()>& action) {
  try {
    action();
  } catch (const xmlrpc::Fault& fault) {
    std::cerr << "socketserver: fault " << fault.code() << ": " << printable(fault.text()) << '\n';
    return kRefused;
  } catch (const xmlrpc::ProtocolError& error) {
    std::cerr << "socketserver: " << error.url() << " answered " << error.errcode() << ' '
              << http::escape_log(error.errmsg()) << '\n';
    return kRefused;
  }
  if (!std::cout.flush()) throw std::runtime_error("standard output cannot be written");
  return 0;
}

xmlrpc::Value value_of(const std::string& argument) {
  xmlrpc::JSONResult json = xmlrpc::loads_json(argument);
  return json.value ? std::move(*json.value) : xmlrpc::Value(argument);
}

/// What is wrong with a URL is wrong with the command line.
xmlrpc::ServerProxy proxy_for(const std::string& url, xmlrpc::ClientOptions options) {
  try {
    return xmlrpc::ServerProxy(url, std::move(options));
  } catch (const OSError& error) {
    throw CLI::ValidationError("URL", error.what());
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("URL", error.what());
  }
}

}  // namespace

XMLRPCCommand::XMLRPCCommand(CLI::App& program)
    : command_(program.add_subcommand("xmlrpc", "Call methods of XML-RPC servers, or serve some.")),
      call_(command_->add_subcommand("call", "Call a method and print its result as JSON.")),
      list_(command_->add_subcommand("list", "Print a server's methods, what they take and do.")),
      serve_(*command_) {
  command_->require_subcommand(1);
  call_->footer(std::string(kArguments) + kURLs);
  list_->footer(kURLs);
  for (CLI::App* command : {call_, list_}) {
    command->add_option("URL", url_, "Where the server is")->required();
  }
  call_->add_option("METHOD", method_, "The method's name")->required();
  call_->add_option("ARG", arguments_, "Its arguments: JSON, or text");
  list_->add_flag("--json", json_, "Print JSON: an array of name, signatures and help");
  for (CLI::App* command : {call_, list_}) add_common_options(*command);
}

void XMLRPCCommand::add_common_options(CLI::App& command) {
  command.add_option("--timeout", timeout_, "How long a call may take; 0: for ever")
      ->type_name("TIME")
      ->capture_default_str();
  add_repeatable(command, "-H,--header", headers_, "Field to send, \"Name: value\"; may come again")
      ->type_name("FIELD");
  command.add_option("--encoding", encoding_, "Of the documents that are sent")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_flag("--gzip", gzip_, "Compress what is sent");
  command.add_flag("-v,--verbose", verbose_, "Print what goes and comes on standard error");
}

xmlrpc::ClientOptions XMLRPCCommand::options() const {
  xmlrpc::ClientOptions options{
      .encoding = encoding_,
      .verbose = verbose_ ? &std::cerr : nullptr,
      // Who writes null, or a large number, means it.
      .allow_none = true,
      .allow_i8 = true,
      .user_agent = "socketserver/" SOCKETSERVER_VERSION,
      .encode_threshold = gzip_ ? std::optional<std::size_t>(0) : std::nullopt,
  };
  const Duration timeout = parse_duration("--timeout", timeout_);
  options.timeout = timeout > Duration::zero() ? std::optional(timeout) : std::nullopt;
  for (const std::string& header : headers_) {
    auto [name, value] = parse_pair("--header", header, ':');
    value.erase(0, value.find_first_not_of(' '));
    options.headers.emplace_back(std::move(name), std::move(value));
  }
  return options;
}

int XMLRPCCommand::run() const {
  if (serve_.chosen()) return serve_.run();
  return call_->parsed() ? call() : list();
}

int XMLRPCCommand::call() const {
  xmlrpc::ServerProxy proxy = proxy_for(url_, options());
  xmlrpc::Array params;
  for (const std::string& argument : arguments_) params.push_back(value_of(argument));
  return run_remotely(
      [&] { std::cout << xmlrpc::dumps_json(proxy.call_with(method_, params)) << '\n'; });
}

int XMLRPCCommand::list() const {
  xmlrpc::ServerProxy proxy = proxy_for(url_, options());
  return run_remotely([&] {
    const auto methods = remote_methods(proxy);
    if (json_) {
      std::cout << xmlrpc::dumps_json(methods_value(methods)) << '\n';
    } else {
      print_methods(std::cout, methods);
    }
  });
}

}  // namespace socketserver::tool
