#include "xmlrpc_serve_command.hpp"

#include <string>

#include <socketserver/xmlrpc.hpp>

#include "banner.hpp"
#include "serving.hpp"
#include "xmlrpc_demo.hpp"

namespace socketserver::tool {
namespace {

constexpr const char* kMethodsFooter =
    "A browser at the same address shows the methods and tries them.\n"
    "Methods: echo(x), add(a, b), pow(x, y), div(x, y), which rounds down, fail(code, text);\n"
    "validator1.* and interopEchoTests.*, the usual test suites; system.*.";

std::string announcement(const BaseServer& server) {
  std::string text;
  for (const Address& address : server.server_addresses()) {
    const std::string where = address.family() == AddressFamily::unix_domain
                                  ? address.to_string()
                                  : address.host() + " port " + std::to_string(address.port()) +
                                        " (" + local_url(address, {}) + ')';
    text += (text.empty() ? "" : "\n") + ("Serving XML-RPC on " + where) + " ...";
  }
  return text;
}

}  // namespace

XMLRPCServeCommand::XMLRPCServeCommand(CLI::App& xmlrpc)
    : command_(xmlrpc.add_subcommand("serve", "Serve methods to try clients on.")) {
  command_->footer(kMethodsFooter);
  command_->option_defaults()->group("Where");
  listen_ = std::make_unique<ListenOptions>(*command_, kLoopback);
  command_->option_defaults()->group("What is sent");
  command_->add_flag("--extensions", extensions_, "Answer nil, and numbers beyond 32 bits");
  command_->add_flag("--standard-faults", standard_faults_,
                     "Answer the fault codes that were agreed upon, instead of Python's 1");
  command_->option_defaults()->group("Engine and limits");
  engine_ = std::make_unique<EngineOptions>(*command_);
  command_->option_defaults()->group("Log");
  command_->add_flag("-q,--quiet", quiet_, "Do not log requests");
  command_->get_help_ptr()->group("Help");
}

int XMLRPCServeCommand::run() const {
  ServerOptions options;
  engine_->apply(options);
  const Address address = listen_->apply(options, kLoopback);
  const XMLRPCOptions answers{.allow_none = extensions_,
                              .allow_i8 = extensions_,
                              .standard_fault_codes = standard_faults_,
                              .log_requests = !quiet_};
  const auto server =
      make_server_with<DocXMLRPCServer>(engine_->engine(), address, answers, options);
  auto& methods = dynamic_cast<DocXMLRPCServer&>(*server);
  methods.set_server_title("Methods of socketserver xmlrpc serve");
  methods.set_server_name("Methods");
  methods.register_introspection_functions(xmlrpc::Introspection::full);
  methods.register_multicall_functions();
  register_demo(methods);
  serve_until_signal(*server, announcement(*server));
  return 0;
}

}  // namespace socketserver::tool
