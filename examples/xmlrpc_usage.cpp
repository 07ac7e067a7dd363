// Ways to register methods, and what calling them comes to; server and client in one program.
//
//   xmlrpc_usage [PORT=0]

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <socketserver/xmlrpc.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

#include "example_support.hpp"

using namespace socketserver;

int add(int a, int b) {
  return a + b;
}

struct Named : xmlrpc::Instance {
  explicit Named(const std::string& name) {
    method("name", [name] { return name; });
  }
};

struct Second : Named {
  Second() : Named("two") { object("ns", std::make_shared<Nested>()); }

  struct Nested : Instance {
    Nested() {
      method("f", [] { return "nested"; });
    }
  };
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingXMLRPCServer server({"127.0.0.1", arguments.port(0, 0)}, {.log_requests = false});
  server.register_function(add, "a.b.c");
  server.register_function<&add>();
  server.register_function([]() -> int { throw std::runtime_error("boom"); }, "fails");
  server.register_instance(std::make_shared<Named>("one"));
  server.register_instance(std::make_shared<Second>(), {.allow_dotted_names = true});
  std::jthread serving([&] { server.serve_forever(); });
  const ScopeExit stop([&] { server.shutdown(); });

  xmlrpc::ServerProxy proxy("http://127.0.0.1:" + std::to_string(server.server_port()));
  std::cout << "1 a.b.c -> " << proxy["a"]["b"]["c"](3, 4) << '\n'
            << "2 add -> " << proxy("add", 2, 3) << '\n'
            << "3 second instance wins -> " << proxy("name") << '\n'
            << "4 ns.f -> " << proxy["ns"]["f"]() << '\n';
  try {
    proxy("fails");
  } catch (const xmlrpc::Fault& fault) {
    std::cout << "5 fault " << fault.code() << ": " << fault.text() << '\n';
  }
}
