// Calls a method that no one has written, of the server xmlrpc_dispatch.
//
//   xmlrpc_dispatch_client [URL=http://localhost:8888]

#include <iostream>

#include <socketserver/xmlrpc.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

#include "example_support.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  try {
    xmlrpc::ServerProxy proxy(arguments.word(0, "http://localhost:8888"));
    std::cout << proxy["whatever.method"]("any", "args") << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
