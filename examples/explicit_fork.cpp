// A synchronous server whose handler forks where that pays: slow requests get a process of their
// own, fast ones are answered at once (E19).
//
//   explicit_fork [PORT=8887]

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include <socketserver/base/sleep.hpp>
#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

using namespace socketserver;

struct ForkingHandler : StreamRequestHandler {
  void handle() override {
    const std::string line = example::strip(rfile().readline().value_or(""));
    if (line != "slow") return answer(line);
    if (::fork() == 0) {
      sleep_for(std::chrono::milliseconds(200));
      answer(line);
      ::_exit(0);
    }
    // The connection is the child's now. Without this the server would end it for both.
    connection().close();
  }

  void answer(const std::string& line) {
    wfile().write(std::to_string(::getpid()) + ' ' + line + '\n');
  }
};

class ReapingServer : public TCPServer {
 public:
  using TCPServer::TCPServer;

 protected:
  // Twice a second and after every request: children that have ended are let go.
  void service_actions() override {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) continue;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const auto server =
      make_server<ReapingServer>({"localhost", arguments.port(0, 8887)}, handler<ForkingHandler>());
  arguments.announce(*server);
  server->serve_forever();
}
