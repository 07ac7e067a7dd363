// A stock of goods that programs ask by XML-RPC or JSON-RPC, and people in a browser.
//
//   rpc_stock [PORT=8083]     curl localhost:8083 -H 'Content-Type: application/json' -d '{
//                               "jsonrpc": "2.0", "method": "add", "params": ["nut", 3], "id": 1}'

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <socketserver/xmlrpc.hpp>

#include "example_support.hpp"

using namespace socketserver;

double price(int count, double each) {
  if (count < 0) throw xmlrpc::Fault(10, "a count below zero");
  return count * each;
}

class Stock : public xmlrpc::Instance {
 public:
  Stock() {
    method("add", &Stock::add,
           {.doc = "Adds goods; all there are of them.", .params = {"name", "count"}});
    method("list", &Stock::list, {.doc = "All goods. See add()."});
  }

 private:
  int add(const std::string& name, int count) {
    const std::lock_guard lock(mutex_);
    return goods_[name] += count;
  }

  std::map<std::string, int> list() const {
    const std::lock_guard lock(mutex_);
    return goods_;
  }

  mutable Mutex mutex_;
  std::map<std::string, int> goods_;
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingDocXMLRPCServer server({"", arguments.port(0, 8083)});
  server.set_server_title("Stock");
  server.set_server_name("Stock");
  server.register_introspection_functions(xmlrpc::Introspection::full);
  server.register_multicall_functions();
  server.register_function<&price>({.doc = "What so many cost.", .params = {"count", "each"}});
  server.register_instance(std::make_shared<Stock>());
  arguments.announce(server);
  server.serve_forever();
}
