// One thread, many clients, no framework: a table of what each has sent so far (E21).
// This is what a handler that just calls readline() saves its author. Answers lines in upper case.
//
//   select_table [PORT=8888]

#include <poll.h>

#include <string>
#include <vector>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

using namespace socketserver;

struct Client {
  Socket socket;
  std::string unfinished;  // the beginning of a line
  bool gone = false;

  void on_readable() try {
    const std::string received = socket.recv(4096);  // what there is: poll() has seen some
    gone = received.empty();
    unfinished += received;
    for (auto end = unfinished.find('\n'); end != unfinished.npos; end = unfinished.find('\n')) {
      socket.sendall(example::upper(unfinished.substr(0, end + 1)));
      unfinished.erase(0, end + 1);
    }
  } catch (const OSError&) {
    gone = true;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const Address address("localhost", arguments.port(0, 8888));
  Socket listener = Socket::open(address.family(), SocketType::stream);
  listener.bind(address);
  listener.listen(16);
  arguments.announce(listener.getsockname());

  std::vector<Client> table;
  for (;;) {
    std::vector<pollfd> ready = {{listener.fileno(), POLLIN, 0}};
    for (const Client& client : table) ready.push_back({client.socket.fileno(), POLLIN, 0});
    if (::poll(ready.data(), ready.size(), -1) < 0) return 1;
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (ready[i + 1].revents != 0) table[i].on_readable();
    }
    std::erase_if(table, [](const Client& client) { return client.gone; });
    if (ready[0].revents != 0) table.push_back({listener.accept().first, ""});
  }
}
