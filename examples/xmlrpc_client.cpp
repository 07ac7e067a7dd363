// Lists what an XML-RPC server can do, and calls one method several times in one request.
//
//   xmlrpc_client [URL [METHOD [NUMBER...]]]

#include <iostream>
#include <string>

#include <socketserver/xmlrpc/multi_call.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

#include "example_support.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  xmlrpc::ServerProxy proxy(arguments.word(0, "http://localhost:8000"));

  try {
    for (const std::string& name : proxy.system.listMethods()) {
      std::cout << name << ": " << proxy.system.methodHelp(name) << '\n';
    }
    if (arguments.words().size() < 2) return 0;

    xmlrpc::MultiCall calls(proxy);
    const std::string& method = arguments.words()[1];
    for (std::size_t i = 2; i < arguments.words().size(); ++i) {
      calls(method, std::stoi(arguments.words()[i]));
    }
    for (const xmlrpc::Value& result : calls()) std::cout << result << '\n';
  } catch (const xmlrpc::Fault& fault) {
    std::cerr << "the server reports " << fault.code() << ": " << fault.text() << '\n';
    return 1;
  } catch (const xmlrpc::ProtocolError& error) {
    std::cerr << error.url() << " answered " << error.errcode() << ' ' << error.errmsg() << '\n';
    return 1;
  } catch (const std::exception& error) {  // nobody there, too late, no XML-RPC
    std::cerr << error.what() << '\n';
    return 1;
  }
}
