#include <socketserver/server/request.hpp>

#include <algorithm>
#include <stdexcept>

#include <socketserver/base/error.hpp>

#include "server/datagram_stream.hpp"

namespace socketserver {

Request::Request(Socket connection) noexcept : connection_(std::move(connection)) {}

Request::Request(Datagram packet, std::shared_ptr<Socket> socket)
    : datagram_(std::make_unique<detail::DatagramStream>(std::move(packet), std::move(socket))) {}

Request::Request(Request&&) noexcept = default;
Request& Request::operator=(Request&&) noexcept = default;
Request::~Request() = default;

Socket& Request::datagram_socket() const noexcept {
  return datagram_->socket();
}

Stream& Request::datagram_stream() noexcept {
  return *datagram_;
}

const Datagram& Request::datagram() const {
  if (!datagram_) throw std::logic_error("this request is a connection and no datagram");
  return datagram_->packet();
}

void Request::reply(std::string_view data) {
  const Datagram& packet = datagram();
  if (const auto ec = datagram_->send(data, Deadline::never())) {
    throw_os_error(ec, "reply to " + packet.sender.to_string());
  }
}

std::string Request::recv(std::size_t n) {
  if (!datagram_) return connection_.recv(n);
  std::string data(n, '\0');
  data.resize(datagram_->read_some(data, Deadline::never()).n);
  return data;
}

void Request::sendall(std::string_view data) {
  if (!datagram_) return connection_.sendall(data);
  reply(data);
}

int Request::fileno() const noexcept {
  return datagram_ ? datagram_->fileno() : connection_.fileno();
}

void Request::close() noexcept {
  if (datagram_) datagram_->close();
  connection_.close();
  ticket_.reset();
  wants_to_park_ = false;
}

void Request::park_begun(Deadline deadline, std::size_t messages, std::string_view begun) {
  begun_ = std::make_unique<std::string>(begun);
  const unsigned parks = std::min(begun_parks() + 1, unsigned{UINT8_MAX});
  park(deadline, messages);
  begun_parks_ = static_cast<std::uint8_t>(parks);
}

std::string Request::take_begun() noexcept {
  const auto begun = std::move(begun_);
  return begun ? std::move(*begun) : std::string();
}

std::error_code Request::failure() const noexcept {
  return datagram_ ? datagram_->failure() : connection_.failure();
}

void Request::set_waiter(Waiter& waiter) noexcept {
  if (datagram_) return datagram_->set_waiter(waiter);
  connection_.set_waiter(waiter);
}

}  // namespace socketserver
