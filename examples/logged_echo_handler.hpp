#pragma once

// The handler of socketserver_echo, and what it and its server log with.

#include <sstream>
#include <string>

#include <socketserver/socketserver.hpp>

namespace example {

/// Logs a line, whole, however many threads do.
inline void note(const std::string& line) {
  socketserver::stderr_log()(socketserver::LogLevel::info, line);
}

/// Logs the call of a server's hook as Python would write it.
inline void note_call(const char* hook, const socketserver::Request& request,
                      const socketserver::Address& client_address) {
  std::ostringstream line;
  line << "EchoServer: " << hook << "(<socket fd=" << request.fileno() << ">, " << client_address
       << ')';
  note(line.str());
}

struct EchoRequestHandler : socketserver::BaseRequestHandler {
  EchoRequestHandler() { note("EchoRequestHandler: __init__"); }
  void setup() override { note("EchoRequestHandler: setup"); }
  void handle() override {
    note("EchoRequestHandler: handle");
    const std::string data = request().recv(1024);
    note("EchoRequestHandler: recv()->\"" + data + '"');
    request().sendall(data);
  }
  void finish() override { note("EchoRequestHandler: finish"); }
};

}  // namespace example
