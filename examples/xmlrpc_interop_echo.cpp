// A server with the methods of interopEchoTests.
//
//   xmlrpc_interop_echo [PORT=8000]

#include <socketserver/xmlrpc.hpp>

#include "example_support.hpp"
#include "interop_echo.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingXMLRPCServer server({"", arguments.port(0, 8000)});
  server.register_introspection_functions(xmlrpc::Introspection::full);
  server.register_multicall_functions();
  example::interop_echo::register_functions(server);
  StopOnSignals stop(server);
  arguments.announce(server);
  try {
    server.serve_forever();
  } catch (const KeyboardInterrupt&) {
    server.server_close();
  }
}
