#include "http/encoded_sink.hpp"

#include <array>
#include <optional>

namespace socketserver::http {
namespace {

// What is encoded before it is handed on: bounds what waits in memory.
constexpr std::size_t kPiece = std::size_t{64} * 1024;

}  // namespace

IoResult EncodedSink::write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) {
  std::size_t written = 0;
  for (std::string_view part : parts) {
    while (!part.empty()) {
      const std::string_view piece = part.substr(0, kPiece);
      if (const auto ec = encode(piece, ContentEncoder::Then::wait)) return {written, ec};
      written += piece.size();
      part.remove_prefix(piece.size());
    }
  }
  return {written, {}};
}

std::error_code EncodedSink::flush(Deadline deadline) {
  if (const auto ec = encode({}, ContentEncoder::Then::flush)) return ec;
  return sink_->flush(deadline);
}

std::error_code EncodedSink::finish() {
  return encode({}, ContentEncoder::Then::finish);
}

std::error_code EncodedSink::encode(std::string_view data, ContentEncoder::Then then) {
  empty_ = empty_ && data.empty();
  encoded_.clear();
  encoder_->encode(data, then, encoded_);
  if (encoded_.empty()) return {};
  std::array<std::string_view, 1> parts = {encoded_};
  return write_all(*sink_, parts, std::nullopt, TimeoutFrom::progress);
}

}  // namespace socketserver::http
