// Tells its clients the time, over whatever they come (E22). One handler serves them all.
//
//   clockserver [PORT=12091] [--threading | --forking | --udp | --unix PATH | --unix-dgram PATH]
//               [--handle-request] [--fixed-time SECONDS]

#include <csignal>
#include <ctime>
#include <iostream>
#include <string>
#include <syncstream>

#include <socketserver/socketserver.hpp>

#include "choose_server.hpp"
#include "clock.hpp"

namespace {

class ServerClock : public socketserver::StreamRequestHandler {
 public:
  explicit ServerClock(std::time_t fixed_time) : fixed_time_(fixed_time) {}

  void handle() override {
    std::osyncstream(std::cout) << "connected at " << client_address() << std::endl;
    const std::string message = rfile().read(example::kQuestionSize);
    const std::string now = example::ctime(fixed_time_ != 0 ? fixed_time_ : std::time(nullptr));
    std::osyncstream(std::cout) << "read \"" << message << "\" from client\nwriting \"" << now
                                << "\" to client" << std::endl;
    wfile().write(now);
  }

 private:
  const std::time_t fixed_time_;
};

}  // namespace

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const bool once = arguments.flag("--handle-request");
  const std::time_t fixed_time = std::stol(arguments.option("--fixed-time").value_or("0"));
  const auto server =
      example::choose_server(arguments, 12091, socketserver::handler<ServerClock>(fixed_time));
  const auto& address = server->server_address();
  std::cout << "server is listening to "
            << (address.path().empty() ? std::to_string(address.port()) : address.path())
            << "\npress ctrl c to stop server" << std::endl;
  const socketserver::StopOnSignals stop(*server, {SIGINT});
  arguments.announce(*server);
  try {
    if (once) {
      server->handle_request();
    } else {
      server->serve_forever();
    }
  } catch (const socketserver::KeyboardInterrupt&) {
    std::cout << " ctrl c pressed, closing server" << std::endl;
  }
}
