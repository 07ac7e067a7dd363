// The clock with a process for each client, from sockets and fork alone or by the library (E24).
//
//   clockforkserver [PORT=12091] [--delay SECONDS=10] [--library]

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <vector>

#include "child_processes.hpp"
#include "clock_talk.hpp"

namespace {

using namespace socketserver;

[[noreturn]] void child(Socket& client, std::chrono::seconds delay) noexcept {
  example::handle_client(client, delay);
  ::_exit(0);
}

void serve_by_hand(const example::Arguments& arguments, const Address& address,
                   std::chrono::seconds delay) {
  sigset_t interrupt;  // Ctrl-C becomes something to poll
  ::sigemptyset(&interrupt);
  ::sigaddset(&interrupt, SIGINT);
  ::sigprocmask(SIG_BLOCK, &interrupt, nullptr);
  const UniqueFd ctrl_c(::signalfd(-1, &interrupt, SFD_CLOEXEC));
  Socket server = Socket::open(address.family(), SocketType::stream);
  server.bind(address);
  server.listen(16);
  arguments.announce(server.getsockname());
  std::vector<pid_t> active;
  pollfd ready[] = {{server.fileno(), POLLIN, 0}, {ctrl_c.get(), POLLIN, 0}};
  while (::poll(ready, 2, -1) > 0 && ready[1].revents == 0) {
    auto [client, client_address] = server.accept();
    std::cout << "server connected at " << client_address << std::endl;
    const pid_t child_pid = ::fork();
    if (child_pid == 0) child(client, delay);
    std::cout << "appending PID " << child_pid << std::endl;
    active.push_back(child_pid);
  }
  std::cout << "ctrl c pressed, closing server" << std::endl;
  example::kill_processes(active);
}

}  // namespace

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const std::chrono::seconds delay(std::stoi(arguments.option("--delay").value_or("10")));
  const bool library = arguments.flag("--library");
  std::cout << "press ctrl c to stop server" << std::endl;
  const Address address("localhost", arguments.port(0, 12091));
  (library ? example::serve_by_library : serve_by_hand)(arguments, address, delay);
}
