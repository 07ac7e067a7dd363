#include <socketserver/net/socket.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>

#include "tests/unit/net/socket_pair.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;

bool is_close_on_exec(const Socket& socket) {
  return (::fcntl(socket.fileno(), F_GETFD) & FD_CLOEXEC) != 0;
}

Socket listening(const Address& address = Address("127.0.0.1", 0), int backlog = 16) {
  Socket socket = Socket::open(address.family(), SocketType::stream);
  socket.bind(address);
  socket.listen(backlog);
  return socket;
}

TEST(Socket, is_not_open_at_first) {
  Socket socket;
  EXPECT_EQ(socket.fileno(), -1);
  EXPECT_FALSE(socket);
  socket.close();
}

TEST(Socket, SS_023_every_descriptor_is_close_on_exec) {
  Socket listener = listening();
  const Socket near = Socket::connect(listener.getsockname());
  const auto [far, address] = listener.accept();
  EXPECT_TRUE(is_close_on_exec(listener));
  EXPECT_TRUE(is_close_on_exec(near));
  EXPECT_TRUE(is_close_on_exec(far));
}

TEST(Socket, knows_both_ends) {
  Socket listener = listening();
  const Socket near = Socket::connect(listener.getsockname());
  const auto [far, address] = listener.accept();
  EXPECT_EQ(address, near.getsockname());
  EXPECT_EQ(far.getpeername(), near.getsockname());
  EXPECT_EQ(near.getpeername(), listener.getsockname());
}

TEST(Socket, accept_does_not_wait) {
  Socket listener = listening();
  try {
    listener.accept();
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::resource_unavailable_try_again);
  }
}

TEST(Socket, SS_112_an_accepted_socket_blocks_without_timeout) {
  Socket listener = listening();
  listener.settimeout(5s);
  const Socket near = Socket::connect(listener.getsockname());
  const auto [far, address] = listener.accept();
  EXPECT_EQ(far.gettimeout(), std::nullopt);
  EXPECT_EQ(::fcntl(far.fileno(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(::fcntl(near.fileno(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(Socket, errors_name_operation_and_address) {
  Socket listener = listening();
  const Address taken = listener.getsockname();
  try {
    listening(taken);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_EQ(error.what(), "bind " + taken.to_string() + ": Address already in use");
  }
  listener.close();
  try {
    Socket::connect(taken);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_refused);
    EXPECT_EQ(error.what(), "connect " + taken.to_string() + ": Connection refused");
  }
}

TEST(Socket, what_is_not_open_fails_and_does_not_hang) {
  Socket closed;
  std::array<char, 1> block;
  EXPECT_EQ(closed.read_some(block, Deadline::never()).ec, std::errc::bad_file_descriptor);
  EXPECT_THROW(closed.recv(1), OSError);
  EXPECT_THROW(closed.sendall("x"), OSError);
  EXPECT_THROW(closed.accept(), OSError);
  EXPECT_THROW(closed.getsockname(), OSError);
  EXPECT_THROW(closed.getpeername(), OSError);
  EXPECT_THROW(closed.set_option(SOL_SOCKET, SO_KEEPALIVE, 1), OSError);
  closed.set_nodelay(true);
  closed.shutdown(Direction::both);
}

TEST(Socket, closed_between_two_reads_it_fails_and_does_not_hang) {
  SocketPair pair = SocketPair::local();
  pair.far.sendall("short");
  EXPECT_EQ(pair.near.recv(100), "short");
  pair.near.close();
  EXPECT_THROW(pair.near.recv(100), OSError);
}

TEST(Socket, recv_gives_what_there_is_then_the_end) {
  SocketPair pair = SocketPair::tcp();
  pair.far.sendall("abcdef");
  EXPECT_EQ(pair.near.recv(4), "abcd");
  EXPECT_EQ(pair.near.recv(100), "ef");
  pair.far.close();
  EXPECT_EQ(pair.near.recv(100), "");
  EXPECT_EQ(pair.near.recv(100), "");
}

TEST(Socket, recv_times_out) {
  SocketPair pair = SocketPair::tcp();
  pair.near.settimeout(20ms);
  EXPECT_EQ(pair.near.gettimeout(), 20ms);
  const auto start = Deadline::Clock::now();
  EXPECT_THROW(pair.near.recv(1), TimeoutError);
  EXPECT_GE(Deadline::Clock::now() - start, 20ms);
}

TEST(Socket, sendall_times_out_as_a_whole) {
  SocketPair pair = SocketPair::tcp();
  pair.near.settimeout(50ms);
  // The reader keeps every single write going, but the whole takes too long.
  std::jthread slow_reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (pair.far.recv(64).empty()) return;
    }
  });
  EXPECT_THROW(pair.near.sendall(std::string(std::size_t{64} << 20, 'x')), TimeoutError);
  slow_reader.request_stop();
  pair.near.close();
}

TEST(Socket, an_expired_deadline_still_tries_once) {
  SocketPair pair = SocketPair::tcp();
  pair.far.sendall("abc");
  const Deadline expired = Deadline::after(Duration::zero());
  std::array<char, 2> block;
  ASSERT_FALSE(Waiter::thread().wait(pair.near.fileno(), Interest::read, Deadline::never(), true));
  EXPECT_EQ(pair.near.read_some(block, expired).n, 2u);
  EXPECT_EQ(pair.near.read_some(block, expired).n, 1u);
  EXPECT_EQ(pair.near.read_some(block, expired).ec, std::errc::timed_out);
  const std::string_view text = "x";
  EXPECT_EQ(pair.near.write_some({&text, 1}, expired).n, 1u);
}

TEST(Socket, connect_times_out) {
  // A listener whose queue is full answers no more: what happens to a client of a stuck server.
  const Socket listener = listening(Address("127.0.0.1", 0), 0);
  const Address address = listener.getsockname();
  std::vector<Socket> queued;
  const auto connect_until_full = [&] {
    for (int i = 0; i < 10; ++i) {
      queued.push_back(Socket::connect(address, Deadline::after(50ms)));
    }
  };
  try {
    connect_until_full();
    FAIL() << "the queue took 10 connections";
  } catch (const TimeoutError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("connect " + address.to_string(), 0), 0u);
  }
}

TEST(Socket, writes_parts_in_order) {
  SocketPair pair = SocketPair::tcp();
  const std::array<std::string_view, 4> parts = {"one ", "", "two ", "three"};
  EXPECT_EQ(pair.near.write_some(parts, Deadline::never()).n, 13u);
  EXPECT_EQ(pair.far.recv(100), "one two three");
}

TEST(Socket, writes_many_parts_in_several_calls) {
  SocketPair pair = SocketPair::local();
  const std::vector<std::string_view> parts(100, "xy");
  const IoResult result = pair.near.write_some(parts, Deadline::never());
  EXPECT_GT(result.n, 0u);
  EXPECT_LE(result.n, 200u);
  EXPECT_EQ(pair.far.recv(200).size(), result.n);
}

TEST(Socket, writes_what_goes_without_waiting) {
  SocketPair pair = SocketPair::tcp();
  const std::array<std::string_view, 3> parts = {"one ", "two ", "three"};
  EXPECT_EQ(pair.near.try_write_some(parts).n, 13u);
  EXPECT_EQ(pair.far.recv(100), "one two three");

  const std::string block(1 << 16, 'x');
  const std::string_view view = block;
  IoResult result;
  do {
    result = pair.near.try_write_some({&view, 1});
  } while (result.n > 0);
  EXPECT_FALSE(result.ec) << "a full queue is no failure";
  EXPECT_FALSE(pair.near.failure());

  reset(pair.far);
  const auto failed = [&] {
    result = pair.near.try_write_some({&view, 1});
    return result.ec == std::errc::connection_reset || result.ec == std::errc::broken_pipe;
  };
  while (!failed()) ASSERT_EQ(result.n, 0u) << result.ec.message();
}

TEST(Socket, shutdown_ends_one_direction) {
  SocketPair pair = SocketPair::tcp();
  pair.near.shutdown_write();
  EXPECT_EQ(pair.far.recv(1), "");
  pair.far.sendall("still heard");
  EXPECT_EQ(pair.near.recv(100), "still heard");
  EXPECT_THROW(pair.near.sendall("x"), OSError);
}

TEST(Socket, shutdown_from_another_thread_wakes_a_reader) {
  SocketPair pair = SocketPair::tcp();
  std::jthread other([&] { pair.near.shutdown(Direction::both); });
  EXPECT_EQ(pair.near.recv(1), "");
}

TEST(Socket, shutdown_from_another_thread_wakes_a_writer) {
  SocketPair pair = SocketPair::tcp();
  const std::string block(1 << 16, 'x');
  while (::send(pair.near.fileno(), block.data(), block.size(), MSG_DONTWAIT) > 0) {
  }
  std::jthread other([&] { pair.near.shutdown(Direction::both); });
  try {
    pair.near.sendall(block);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::broken_pipe);
  }
}

TEST(Socket, a_reset_is_an_error_and_an_end_is_not) {
  SocketPair pair = SocketPair::tcp();
  reset(pair.far);
  try {
    pair.near.recv(1);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_reset);
  }
}

TEST(Socket, SS_106_set_nodelay) {
  SocketPair pair = SocketPair::tcp();
  const auto nodelay = [&] {
    int value = -1;
    socklen_t length = sizeof value;
    ::getsockopt(pair.near.fileno(), IPPROTO_TCP, TCP_NODELAY, &value, &length);
    return value != 0;
  };
  EXPECT_FALSE(nodelay());
  pair.near.set_nodelay(true);
  EXPECT_TRUE(nodelay());
  pair.near.set_nodelay(false);
  EXPECT_FALSE(nodelay());
  SocketPair::local().near.set_nodelay(true);
}

TEST(Socket, moves_with_its_state) {
  SocketPair pair = SocketPair::local();
  pair.near.settimeout(5s);
  const int fd = pair.near.fileno();
  Socket moved = std::move(pair.near);
  EXPECT_EQ(pair.near.fileno(), -1);
  EXPECT_EQ(moved.fileno(), fd);
  EXPECT_EQ(moved.gettimeout(), 5s);
}

TEST(Socket, detach_gives_the_descriptor_away) {
  SocketPair pair = SocketPair::local();
  const int fd = pair.near.fileno();
  const UniqueFd detached = pair.near.detach();
  EXPECT_EQ(detached.get(), fd);
  EXPECT_FALSE(pair.near);
}

TEST(Socket, takes_little_memory_because_servers_have_many) {
  if (sizeof(void*) != 8) GTEST_SKIP() << "sizes of other machines differ";
  EXPECT_LE(sizeof(Socket), 48u);
  EXPECT_LE(sizeof(Address), 48u);
}

TEST(Socket, every_interface_is_served_over_both_ip_versions) {
  Socket listener = Socket::open(AddressFamily::inet6, SocketType::stream);
  listener.bind(Address("", 0));
  listener.listen(4);
  const std::uint16_t port = listener.getsockname().port();
  for (const char* host : {"127.0.0.1", "::1"}) {
    const Socket near = Socket::connect(Address(host, port));
    const auto [far, address] = listener.accept();
    EXPECT_EQ(address.host(), host) << "a mapped address is the IPv4 address that it is";
    EXPECT_EQ(address, near.getsockname());
  }
}

}  // namespace
}  // namespace socketserver
