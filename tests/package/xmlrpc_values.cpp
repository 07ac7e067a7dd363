// What a user's program that reads and writes XML-RPC needs: socketserver::xmlrpc.

#include <iostream>
#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <string>
#include <vector>

namespace xmlrpc = socketserver::xmlrpc;

int main() {
  const std::vector<int> numbers{1, 2, 3};
  const std::string body =
      xmlrpc::gzip_encode(xmlrpc::dumps({xmlrpc::to_value(numbers)}, {.methodname = "sum"}));
  const xmlrpc::Message call = xmlrpc::loads(xmlrpc::gzip_decode(body).data.value());
  std::cout << call.methodname << call.params[0] << '\n';
  return call.params[0].as<std::vector<int>>() == numbers ? 0 : 1;
}
