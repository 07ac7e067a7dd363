#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver::testing {

/// A client that sends exactly the bytes it is told to and says exactly what came back.
///
/// ```cpp
/// RawClient client(server.address());
/// client.send("hello\n");
/// EXPECT_EQ(client.read_until("\n"), "HELLO\n");
/// ```
/// Every operation has the client's patience to finish, from its call. All of them throw
/// TimeoutError then, OSError when the connection fails, and std::runtime_error when it ends too
/// early; the text says what was waited for and what had arrived so far.
///
/// Thread safety: one thread at a time.
class RawClient {
 public:
  /// Connects.
  explicit RawClient(const Address& server, Duration patience = kPatience);

  /// Sends all of `bytes`.
  void send(std::string_view bytes);

  /// Sends `bytes` in pieces of `size` bytes, each in a packet of its own where the network allows.
  void send_in_pieces(std::string_view bytes, std::size_t size);

  /// Everything up to and including the first `text`; what follows stays for the next call.
  std::string read_until(std::string_view text);

  /// Exactly `n` bytes.
  std::string read(std::size_t n);

  /// Everything up to the end of the stream.
  std::string read_all();

  /// Waits for the next byte or the end of the stream; true when it is the end. Consumes nothing.
  bool at_eof();

  /// Sends the end of the stream; reading goes on.
  void half_close();

  /// Closes with a reset (RST), as a program does that crashed with bytes unread.
  void reset();

  void close();  ///< Closes the connection; what was not read makes it a reset.

  /// Where this client is seen to come from.
  Address address() const { return socket_.getsockname(); }

  /// The connection, for what is missing here.
  Socket& socket() noexcept { return socket_; }

 private:
  bool receive(Deadline deadline, std::string_view goal);
  std::string take(std::size_t n);
  [[noreturn]] void fail(std::error_code code, std::string_view goal) const;

  Address server_;
  Duration patience_;
  Socket socket_;
  std::string arrived_;  // and not asked for yet
};

}  // namespace socketserver::testing
