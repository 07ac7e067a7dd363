#include <socketserver/testing/raw_client.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include <socketserver/base/error.hpp>

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

/// A client and the socket at the other end, worked by the test itself.
struct RawClientTest : ::testing::Test {
  static Socket listening() {
    Socket socket = Socket::open(AddressFamily::inet, SocketType::stream);
    socket.bind(Address("127.0.0.1", 0));
    socket.listen(1);
    return socket;
  }

  Socket listener = listening();
  RawClient client{listener.getsockname()};
  Socket server = listener.accept().first;
};

/// The message of what `action` throws.
template <class Exception, class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_F(RawClientTest, sends_what_it_is_told) {
  client.send("hello");
  EXPECT_EQ(server.recv(100), "hello");
}

TEST_F(RawClientTest, sends_in_pieces) {
  client.send_in_pieces("abcdefg", 3);
  client.half_close();
  std::string all;
  for (std::string piece = server.recv(100); !piece.empty(); piece = server.recv(100)) all += piece;
  EXPECT_EQ(all, "abcdefg");
}

TEST_F(RawClientTest, reads_until_a_text_and_keeps_the_rest) {
  server.sendall("one\r\n\r\ntwo");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "one\r\n\r\n");
  EXPECT_EQ(client.read(1), "t");
  server.close();
  EXPECT_FALSE(client.at_eof());
  EXPECT_EQ(client.read_all(), "wo");
  EXPECT_TRUE(client.at_eof());
}

TEST_F(RawClientTest, finds_a_text_that_arrives_in_pieces) {
  server.sendall("xx\r");
  EXPECT_EQ(client.read(1), "x");
  server.sendall("\n\r\n.");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "x\r\n\r\n");
}

TEST_F(RawClientTest, half_closes) {
  client.half_close();
  EXPECT_EQ(server.recv(1), "");
  server.sendall("answer");
  EXPECT_EQ(client.read(6), "answer");
}

TEST_F(RawClientTest, resets) {
  client.reset();
  EXPECT_THROW(server.recv(1), OSError);
}

TEST_F(RawClientTest, closes) {
  client.close();
  EXPECT_EQ(server.recv(1), "");
}

TEST_F(RawClientTest, knows_its_own_address) {
  EXPECT_EQ(client.address(), server.getpeername());
}

TEST_F(RawClientTest, an_early_end_says_what_was_waited_for_and_what_came) {
  const std::string where = " (server " + listener.getsockname().to_string() + ", so far ";
  server.sendall("HTTP\r\n\x01");
  server.close();
  const auto message = message_of<std::runtime_error>([&] { client.read_until("\r\n\r\n"); });
  EXPECT_EQ(message,
            "read until \"\\r\\n\\r\\n\"" + where + "\"HTTP\\r\\n\\x01\"): the stream ended first");
  EXPECT_EQ(message_of<std::runtime_error>([&] { client.read(8); }),
            "read 8 bytes" + where + "\"HTTP\\r\\n\\x01\"): the stream ended first");
}

TEST_F(RawClientTest, a_long_answer_is_quoted_at_both_ends) {
  server.sendall(std::string(300, 'a') + std::string(300, 'b'));
  server.close();
  const auto message = message_of<std::runtime_error>([&] { client.read(1000); });
  EXPECT_NE(message.find('"' + std::string(200, 'a') + "\" … \"" + std::string(200, 'b') + '"'),
            std::string::npos)
      << message;
}

TEST_F(RawClientTest, a_reset_says_so) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(server.fileno(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  server.close();
  const auto message = message_of<OSError>([&] { client.read_all(); });
  EXPECT_EQ(message.rfind("read to the end (server ", 0), 0u) << message;
  EXPECT_NE(message.find("Connection reset by peer"), std::string::npos) << message;
}

TEST_F(RawClientTest, its_patience_ends) {
  RawClient impatient(listener.getsockname(), 20ms);
  const Socket silent = listener.accept().first;
  const auto start = Deadline::Clock::now();
  const auto message = message_of<TimeoutError>([&] { impatient.read_until("x"); });
  EXPECT_EQ(message.rfind("read until \"x\" (server ", 0), 0u) << message;
  EXPECT_GE(Deadline::Clock::now() - start, 20ms);
  EXPECT_THROW(impatient.at_eof(), TimeoutError);
  EXPECT_THROW(impatient.send(std::string(64 << 20, 'x')), TimeoutError);
}

TEST(RawClientConnecting, fails_where_nobody_listens) {
  Socket bound = Socket::open(AddressFamily::inet, SocketType::stream);
  bound.bind(Address("127.0.0.1", 0));
  EXPECT_THROW(RawClient{bound.getsockname()}, OSError);
}

}  // namespace
}  // namespace socketserver::testing
