#include "server/datagram_stream.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/datagram_io.hpp"

namespace socketserver::detail {
namespace {

// A client that does not empty its queue costs its handler this long at most.
constexpr Duration kLongestSend = std::chrono::seconds(1);

bool has_name(const Address& address) noexcept {
  switch (address.family()) {
    case AddressFamily::unspecified:
      return false;
    case AddressFamily::unix_domain:
      return !address.path().empty();
    default:
      return true;
  }
}

}  // namespace

DatagramStream::DatagramStream(Datagram&& packet, std::shared_ptr<Socket>&& socket) noexcept
    : packet_(std::move(packet)), socket_(std::move(socket)) {}

std::error_code DatagramStream::send(std::string_view data, Deadline deadline) {
  if (!has_name(packet_.sender)) return {};
  const bool cancelled = waiter_ != nullptr && waiter_->cancelled();
  const std::error_code ec = cancelled ? std::make_error_code(std::errc::operation_canceled)
                                       : send_datagram(fileno(), data, packet_.sender,
                                                       packet_.destination, deadline, kLongestSend);
  // Success is told first: comparing with a condition takes several calls.
  if (!ec || ec != std::errc::message_size) failure_ = ec;
  return ec;
}

IoResult DatagramStream::read_some(std::span<char> into, Deadline /*deadline*/) {
  const auto piece = std::string_view(packet_.data).substr(read_, into.size());
  std::ranges::copy(piece, into.begin());
  read_ += piece.size();
  return {piece.size(), {}};
}

IoResult DatagramStream::write_some(std::span<const std::string_view> parts,
                                    Deadline /*deadline*/) {
  std::size_t written = 0;
  for (const std::string_view part : parts) {
    answer_ += part;
    written += part.size();
  }
  return {written, {}};
}

std::error_code DatagramStream::flush(Deadline deadline) {
  if (answer_.empty()) return {};
  return send(std::exchange(answer_, {}), deadline);
}

}  // namespace socketserver::detail
