// A server that serves each request in a thread of its own, which the reply names (E07).
//
//   socketserver_threaded

#include <future>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include <socketserver/socketserver.hpp>

namespace {

using socketserver::current_thread_name;

struct ThreadedEchoRequestHandler : socketserver::BaseRequestHandler {
  void handle() override {
    const std::string data = request().recv(1024);
    request().sendall(current_thread_name() + ": " + data);
  }
};

using ThreadedEchoServer = socketserver::ThreadingMixIn<socketserver::TCPServer>;

}  // namespace

int main() {
  ThreadedEchoServer server({"localhost", 0}, socketserver::handler<ThreadedEchoRequestHandler>());
  std::promise<std::string> thread_name;
  std::thread server_thread([&] {
    thread_name.set_value(current_thread_name());
    server.serve_forever();
  });
  std::cout << "Server loop running in thread: " << thread_name.get_future().get() << '\n';

  constexpr std::string_view kMessage = "Hello, world";
  auto socket = socketserver::Socket::connect(server.server_address());
  std::cout << "Sending : \"" << kMessage << "\"\n";
  socket.sendall(kMessage);
  std::cout << "Received: \"" << socket.recv(1024) << "\"\n";
  socket.close();

  server.shutdown();
  server_thread.join();
}
