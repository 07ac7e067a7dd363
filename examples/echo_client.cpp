// Sends lines to an echo server and prints what comes back (E01).
// Without lines on the command line it takes them from standard input, and keeps its connection
// open as long as that lasts.
//
//   echo_client HOST PORT [LINE...]

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

namespace {

class EchoClient {
 public:
  explicit EchoClient(const socketserver::Address& server)
      : socket_(socketserver::Socket::connect(server)), answers_(socket_) {}

  void exchange(const std::string& line) {
    socket_.sendall(line + '\n');
    std::cout << answers_.readline().value_or("(the server has hung up)\n") << std::flush;
  }

 private:
  socketserver::Socket socket_;
  socketserver::Reader answers_;
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  EchoClient client({arguments.word(0, "localhost"), arguments.port(1, 8881)});

  const auto& words = arguments.words();
  for (std::size_t i = 2; i < words.size(); ++i) client.exchange(words[i]);
  if (words.size() > 2) return 0;
  for (std::string line; std::getline(std::cin, line);) client.exchange(line);
}
