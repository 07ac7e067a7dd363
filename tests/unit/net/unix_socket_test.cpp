#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/net/socket.hpp>

namespace socketserver {
namespace {

/// A directory of its own for the socket files of a test.
struct UnixSocket : ::testing::Test {
  UnixSocket() { EXPECT_NE(::mkdtemp(directory.data()), nullptr); }
  ~UnixSocket() override {
    ::unlink(path("s").c_str());
    ::unlink(path("client").c_str());
    ::rmdir(directory.c_str());
  }

  std::string path(const std::string& name) const { return directory + '/' + name; }

  std::string directory = ::testing::TempDir() + "socketXXXXXX";
};

Socket listening_at(const Address& address) {
  Socket socket = Socket::open(AddressFamily::unix_domain, SocketType::stream);
  socket.bind(address);
  socket.listen(4);
  return socket;
}

TEST_F(UnixSocket, SS_111_a_client_without_a_name_has_the_empty_path) {
  const Address server = Address::unix_path(path("s"));
  Socket listener = listening_at(server);
  EXPECT_EQ(listener.getsockname(), server);
  Socket near = Socket::connect(server);
  auto [far, address] = listener.accept();
  EXPECT_EQ(address, Address::unix_path(""));
  EXPECT_EQ(near.getpeername(), server);
  near.sendall("hello");
  EXPECT_EQ(far.recv(100), "hello");
}

TEST_F(UnixSocket, abstract_names_need_no_file) {
  const Address server = Address::unix_abstract(path("any\nbyte"));
  Socket listener = listening_at(server);
  EXPECT_EQ(listener.getsockname(), server);
  Socket near = Socket::connect(server);
  EXPECT_EQ(near.getpeername(), server);
}

TEST_F(UnixSocket, SS_017_an_existing_file_is_in_use) {
  const Address server = Address::unix_path(path("s"));
  listening_at(server).close();
  try {
    listening_at(server);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_EQ(std::string(error.what()).rfind("bind unix:" + server.path(), 0), 0u);
  }
}

TEST_F(UnixSocket, SS_018_a_path_that_does_not_fit_is_refused_with_its_length) {
  try {
    listening_at(Address::unix_path(std::string(200, 'x')));
    FAIL();
  } catch (const std::length_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "Unix socket path of 200 bytes is longer than 107: " + std::string(200, 'x'));
  }
}

TEST_F(UnixSocket, a_peers_path_may_fill_its_field_to_the_last_byte) {
  const Address server = Address::unix_abstract(path("s"));
  Socket listener = listening_at(server);

  // The kernel takes 108 bytes without a NUL behind them, and reports a length of one more.
  sockaddr_un client{};
  client.sun_family = AF_UNIX;
  std::string client_path = "client";
  client_path.insert(0, sizeof client.sun_path - client_path.size(), '/');
  client_path.replace(0, directory.size(), directory);
  std::memcpy(client.sun_path, client_path.data(), sizeof client.sun_path);
  Socket near = Socket::open(AddressFamily::unix_domain, SocketType::stream);
  ASSERT_EQ(::bind(near.fileno(), reinterpret_cast<const sockaddr*>(&client), sizeof client), 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, server.path().data(), server.path().size());
  ASSERT_EQ(
      ::connect(near.fileno(), reinterpret_cast<const sockaddr*>(&name),
                static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + server.path().size())),
      0);
  EXPECT_EQ(listener.accept().second, Address::unix_path(client_path));
}

}  // namespace
}  // namespace socketserver
