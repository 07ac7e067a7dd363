#include <socketserver/testing/faulty_stream.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace socketserver::testing {

FaultyStream::FaultyStream(Script script) : script_(std::move(script)) {
  if (script_.read_piece == 0 || script_.write_piece == 0) {
    throw std::invalid_argument("FaultyStream: a piece has at least one byte");
  }
}

IoResult FaultyStream::read_some(std::span<char> into, Deadline /*deadline*/) {
  if (!begin_operation()) return {0, script_.failure};
  const std::size_t to_cut =
      position_ < script_.cut ? script_.cut - position_ : FaultyStream::kNoLimit;
  const std::size_t most = std::min(
      {into.size(), script_.read_piece, to_cut, script_.bytes_before_failure - bytes_moved_});
  const auto piece = unread().substr(0, most);
  std::ranges::copy(piece, into.begin());
  position_ += piece.size();
  bytes_moved_ += piece.size();
  return {piece.size(), {}};
}

IoResult FaultyStream::write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) {
  if (!begin_operation()) return {0, script_.failure};
  if (write_shut_) return {0, std::make_error_code(std::errc::broken_pipe)};
  const std::size_t most =
      std::min(script_.write_piece, script_.bytes_before_failure - bytes_moved_);
  std::size_t moved = 0;
  for (const auto part : parts) {
    const auto piece = part.substr(0, most - moved);
    output_ += piece;
    moved += piece.size();
  }
  bytes_moved_ += moved;
  return {moved, {}};
}

bool FaultyStream::begin_operation() noexcept {
  ++operations_;
  return operations_ != script_.failing_operation && bytes_moved_ < script_.bytes_before_failure;
}

}  // namespace socketserver::testing
