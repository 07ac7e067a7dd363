#include "load/idle.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "load/dialogue.hpp"
#include "load/process_tree.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr timeval kPatience{5, 0};
constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;
// The server has answered, but may still be on its way to waiting.
constexpr auto kSettling = std::chrono::milliseconds(200);

UniqueFd connect_to(std::uint16_t port) {
  UniqueFd fd(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  checked(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience),
          "SO_RCVTIMEO");
  const sockaddr_in server = loopback(port);
  checked(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server),
          "connect");
  return fd;
}

/// One request and its answer.
void converse(const UniqueFd& fd, const Options& options, std::size_t index) {
  const std::unique_ptr<Dialogue> dialogue = make_dialogue(options, index);
  std::string_view unsent = dialogue->ask();
  while (!unsent.empty()) {
    unsent.remove_prefix(static_cast<std::size_t>(
        checked(::send(fd.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL), "send")));
  }
  std::array<char, kBufferBytes> buffer;
  for (std::size_t answered = 0; answered < options.pipeline;) {
    const ssize_t received = checked(::recv(fd.get(), buffer.data(), buffer.size(), 0),
                                     "recv on connection " + std::to_string(index));
    if (received == 0) throw WrongReply("the server closed connection " + std::to_string(index));
    answered += dialogue->hear({buffer.data(), static_cast<std::size_t>(received)});
  }
}

/// A server that drops connections in the meantime would be weighed without them.
void check_still_open(const UniqueFd& fd) {
  char byte = 0;
  const ssize_t received = ::recv(fd.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  if (received < 0 && errno == EAGAIN) return;
  throw WrongReply(received > 0 ? "more comes back than was asked for"
                                : "the server closed a silent connection");
}

}  // namespace

IdleMeasurement measure_idle(const Options& options) {
  // What the first connection sets up once is not the price of a connection.
  converse(connect_to(options.port), options, 0);
  std::this_thread::sleep_for(kSettling);

  IdleMeasurement result;
  result.memory_before = memory_of_tree(options.pid);
  std::vector<UniqueFd> connections;
  while (connections.size() < options.connections) {
    connections.push_back(connect_to(options.port));
    converse(connections.back(), options, connections.size());
  }
  std::this_thread::sleep_for(kSettling);
  result.connections = connections.size();
  result.memory_after = memory_of_tree(options.pid);
  for (const UniqueFd& connection : connections) check_still_open(connection);
  return result;
}

}  // namespace socketserver::bench
