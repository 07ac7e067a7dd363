#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver::testing {

/// A client that sends packets and says what came back, over UDP or a Unix socket.
///
/// ```cpp
/// DatagramClient client(server.address());
/// client.send("hello");
/// EXPECT_EQ(client.receive(), "HELLO");
/// ```
/// Thread safety: one thread at a time.
class DatagramClient {
 public:
  /// Whether a Unix client has an address that answers can be sent to.
  enum class Name { bound, none };

  /// @throws OSError "socket", "bind".
  explicit DatagramClient(Address server, Name name = Name::bound, Duration patience = kPatience);

  /// Sends `data` as one packet.
  void send(std::string_view data);

  /// The next packet.
  ///
  /// @throws TimeoutError when none comes within the client's patience.
  std::string receive();

  /// Sends `data` and returns the next packet.
  std::string ask(std::string_view data);

  /// Where this client is seen to come from.
  Address address() const { return socket_.getsockname(); }

  /// Who sent the packet that was received last.
  const Address& answered_by() const noexcept { return answered_by_; }

  /// The socket, for what is missing here.
  Socket& socket() noexcept { return socket_; }

 private:
  Address server_;
  Socket socket_;
  Address answered_by_;
};

}  // namespace socketserver::testing
