#include <sys/socket.h>
#include <sys/time.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/http/simple_handler.hpp>

#include "temporary_tree.hpp"
#include "web_server.hpp"

// Bodies pass through: however large they are, the program does not grow.

namespace socketserver::testing {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kMayGrow = 24 * kMiB;
constexpr std::size_t kPiece = std::size_t{256} * 1024;

/// By how much the program has grown at the most since this was made.
class Growth {
 public:
  Growth() {
    // Lets the peak begin anew.
    std::ofstream("/proc/self/clear_refs") << 5;
    before_ = peak();
  }

  std::uint64_t bytes() const { return peak() - before_; }

 private:
  static std::uint64_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
    }
    throw std::runtime_error("/proc/self/status has no VmHWM");
  }

  std::uint64_t before_;
};

/// Has the kernel drop everything up to the end of the stream; how much that was.
std::uint64_t count_rest(Socket& socket) {
  const timeval patience{10, 0};
  ::setsockopt(socket.fileno(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::uint64_t count = 0;
  for (;;) {
    // TCP does not even copy what is only to be counted.
    const ssize_t got = ::recv(socket.fileno(), nullptr, 4 * kMiB, MSG_TRUNC);
    if (got < 0) throw_os_error(last_error(), "recv");
    if (got == 0) return count;
    count += static_cast<std::uint64_t>(got);
  }
}

TEST(Memory, HT_160_file_of_1_GiB) {
  const TemporaryTree tree;
  tree.file("large");
  std::filesystem::resize_file(tree.path("large"), 1024 * kMiB);
  const WebServer server(handler<SimpleHTTPRequestHandler>({.directory = tree.path()}));
  RawClient client = server.connect();
  client.send("HEAD /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::size_t head = client.read_all().size();
  const Growth growth;
  RawClient large = server.connect();
  large.send("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(count_rest(large.socket()), head + 1024 * kMiB);
  EXPECT_LT(growth.bytes(), kMayGrow);
}

TEST(Memory, response_without_length) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.end_headers();
    const std::string piece(10'000, 'x');
    for (int i = 0; i < 10'000; ++i) self.wfile().write(piece);
  });
  RawClient client = server.connect();
  const Growth growth;
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_GT(count_rest(client.socket()), 100'000'000);
  EXPECT_LT(growth.bytes(), kMayGrow);
}

TEST(Memory, uploads) {
  Limits limits;
  limits.body_bytes = 0;
  const WebServer server(
      [](BaseHTTPRequestHandler& self) {
        std::string block(kPiece, '\0');
        std::uint64_t bytes = 0;
        for (;;) {
          const std::size_t n = self.rfile().readinto(block);
          if (n == 0) break;
          bytes += n;
        }
        send_text(self, std::to_string(bytes));
      },
      limits);
  RawClient client = server.connect();
  const std::string piece(kPiece, 'x');
  const std::string chunk = "40000\r\n" + piece + "\r\n";
  const Growth growth;
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n");
  for (int i = 0; i < 400; ++i) client.send(piece);
  EXPECT_EQ(read_answer(client).body, "104857600");

  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 400; ++i) client.send(chunk);
  client.send("0\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "104857600");
  EXPECT_LT(growth.bytes(), kMayGrow);
}

}  // namespace
}  // namespace socketserver::testing
