// expect: the handler class has no constructor for these arguments of handler\(\)

#include <string>

#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Greeter : StreamRequestHandler {
  explicit Greeter(const std::string& greeting) : text(greeting) {}
  void handle() override { wfile() << text; }
  std::string text;
};

void serve() {
#ifdef CONTROL
  TCPServer server({"", 0}, handler<Greeter>("hello"));
#else
  TCPServer server({"", 0}, handler<Greeter>());
#endif
}
