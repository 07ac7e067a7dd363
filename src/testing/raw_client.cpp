#include <socketserver/testing/raw_client.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <system_error>

#include <socketserver/base/error.hpp>

namespace socketserver::testing {
namespace {

/// The text in quotes, fit for a message: control bytes escaped, the middle left out when long.
std::string quoted(std::string_view text) {
  constexpr std::size_t kEnds = 200;
  constexpr char kHex[] = "0123456789abcdef";
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == kEnds && text.size() > 2 * kEnds) {
      result += "\" … \"";
      i = text.size() - kEnds;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\r') {
      result += "\\r";
    } else if (byte == '\n') {
      result += "\\n";
    } else if (byte < 0x20 || byte >= 0x7f) {
      result += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      result += text[i];
    }
  }
  return result + '"';
}

}  // namespace

RawClient::RawClient(const Address& server, Duration patience)
    : server_(server),
      patience_(patience),
      socket_(Socket::connect(server, Deadline::after(patience))) {}

void RawClient::send(std::string_view bytes) {
  const Deadline deadline = Deadline::after(patience_);
  const std::size_t size = bytes.size();
  while (!bytes.empty()) {
    const IoResult result = socket_.write_some({&bytes, 1}, deadline);
    if (result.ec) {
      fail(result.ec, "send " + std::to_string(size) + " bytes, " + std::to_string(bytes.size()) +
                          " of them left,");
    }
    bytes.remove_prefix(result.n);
  }
}

void RawClient::send_in_pieces(std::string_view bytes, std::size_t size) {
  socket_.set_nodelay(true);
  for (std::size_t begin = 0; begin < bytes.size(); begin += size) send(bytes.substr(begin, size));
}

std::string RawClient::read_until(std::string_view text) {
  const Deadline deadline = Deadline::after(patience_);
  const std::string goal = "read until " + quoted(text);
  std::size_t searched = 0;
  for (;;) {
    const auto found = arrived_.find(text, searched);
    if (found != std::string::npos) return take(found + text.size());
    searched = arrived_.size() - std::min(arrived_.size(), text.size());
    if (!receive(deadline, goal)) fail({}, goal);
  }
}

std::string RawClient::read(std::size_t n) {
  const Deadline deadline = Deadline::after(patience_);
  const std::string goal = "read " + std::to_string(n) + " bytes";
  while (arrived_.size() < n) {
    if (!receive(deadline, goal)) fail({}, goal);
  }
  return take(n);
}

std::string RawClient::read_all() {
  const Deadline deadline = Deadline::after(patience_);
  while (receive(deadline, "read to the end")) {
  }
  return take(arrived_.size());
}

bool RawClient::at_eof() {
  return arrived_.empty() && !receive(Deadline::after(patience_), "wait for a byte or the end");
}

void RawClient::half_close() {
  socket_.shutdown_write();
}

void RawClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (::setsockopt(socket_.fileno(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) < 0) {
    throw_os_error(last_error(), "setsockopt SO_LINGER");
  }
  socket_.close();
}

void RawClient::close() {
  socket_.close();
}

bool RawClient::receive(Deadline deadline, std::string_view goal) {
  std::array<char, 65536> block;
  const IoResult result = socket_.read_some(block, deadline);
  if (result.ec) fail(result.ec, goal);
  arrived_.append(block.data(), result.n);
  return result.n > 0;
}

std::string RawClient::take(std::size_t n) {
  std::string taken = arrived_.substr(0, n);
  arrived_.erase(0, n);
  return taken;
}

void RawClient::fail(std::error_code code, std::string_view goal) const {
  const std::string action =
      std::string(goal) + " (server " + server_.to_string() + ", so far " + quoted(arrived_) + ")";
  if (!code) throw std::runtime_error(action + ": the stream ended first");
  throw_os_error(code, action);
}

}  // namespace socketserver::testing
