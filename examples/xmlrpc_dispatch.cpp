// An object that takes every call, whatever its name, and returns it with its arguments.
//
//   xmlrpc_dispatch [PORT=8888]

#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include <socketserver/xmlrpc.hpp>

#include "example_support.hpp"

using namespace socketserver;
using xmlrpc::Array;
using xmlrpc::Value;

/// As Python writes a tuple: a single value has a comma behind it.
std::string tuple(const Array& values) {
  std::ostringstream out;
  out << '(';
  for (std::size_t i = 0; i < values.size(); ++i) out << (i == 0 ? "" : ", ") << values[i];
  out << (values.size() == 1 ? ",)" : ")");
  return out.str();
}

struct Everything : xmlrpc::Instance {
  std::optional<Value> _dispatch(std::string_view method, const Array& params) override {
    std::cout << "_dispatch (" << Value(method) << ", " << tuple(params) << ')' << std::endl;
    return Array{method, params};
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  SimpleXMLRPCServer server({"", arguments.port(0, 8888)});
  server.register_instance(std::make_shared<Everything>());
  arguments.announce(server);
  server.serve_forever();
}
