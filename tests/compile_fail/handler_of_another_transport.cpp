// expect: this handler class cannot serve a stream

#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Packets : BaseRequestHandler {
#ifndef CONTROL
  static constexpr bool kServesStreams = false;
#endif
  void handle() override {}
};

void serve() {
  ThreadingTCPServer server({"", 0}, handler<Packets>());
}
