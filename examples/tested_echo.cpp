// How a program tests its own handler: a real server on a free port, for a scope.

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

using namespace socketserver;

struct Shout : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) {
      for (char& c : *line) c = c == '.' ? '!' : c;
      wfile().write(*line);
    }
  }
};

int main() {
  testing::TestServer<ThreadingTCPServer> server(handler<Shout>());
  testing::RawClient client(server.address());
  client.send_in_pieces("Good morning.\n", 3);
  const std::string answer = client.read_until("\n");
  std::cout << answer;
  return answer == "Good morning!\n" ? 0 : 1;
}
