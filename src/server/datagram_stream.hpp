#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <socketserver/net/datagram.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/net/stream.hpp>

namespace socketserver::detail {

/// A packet and its answer as a stream: reading ends with the packet, writing gathers one answer.
///
/// Thread safety: one thread at a time; many may share the socket.
class DatagramStream final : public Stream {
 public:
  DatagramStream(Datagram&& packet, std::shared_ptr<Socket>&& socket) noexcept;

  const Datagram& packet() const noexcept { return packet_; }
  Socket& socket() noexcept { return socket_ ? *socket_ : closed_; }
  void set_waiter(const Waiter& waiter) noexcept { waiter_ = &waiter; }

  /// Sends `data` as one packet. No packet goes to a sender without a name.
  std::error_code send(std::string_view data, Deadline deadline);

  /// Why sending last failed, when that was the client's end and not the answer's fault.
  std::error_code failure() const noexcept { return failure_; }

  /// Lets go of the socket.
  void close() noexcept { socket_.reset(); }

  // Stream
  IoResult read_some(std::span<char> into, Deadline deadline) override;
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  /// Sends what was gathered, if anything was.
  std::error_code flush(Deadline deadline) override;
  void shutdown_write() noexcept override {}
  int fileno() const noexcept override { return socket_ ? socket_->fileno() : -1; }

 private:
  Datagram packet_;
  std::shared_ptr<Socket> socket_;
  Socket closed_;
  const Waiter* waiter_ = nullptr;
  std::error_code failure_;
  std::size_t read_ = 0;  // of the packet
  std::string answer_;
};

}  // namespace socketserver::detail
