#include <algorithm>
#include <charconv>
#include <socketserver/http/proto/chunked.hpp>
#include <stdexcept>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr unsigned kMaxSizeDigits = 16;
constexpr std::uint64_t kMaxChunk = std::numeric_limits<std::int64_t>::max();

}  // namespace

ChunkedDecoder::Result ChunkedDecoder::decode(std::string_view in, std::size_t max_data) noexcept {
  std::size_t at = 0;
  while (expect_ != Expect::nothing && expect_ != Expect::failed) {
    if (at == in.size()) return {Status::need_more, at, {}};
    if (expect_ == Expect::data) {
      const std::string_view data = in.substr(at, std::min<std::uint64_t>(max_data, size_));
      size_ -= data.size();
      if (size_ == 0) expect_ = Expect::data_cr;
      return {Status::data, at + data.size(), data};
    }
    expect_ = step(in[at]);
    ++at;
  }
  return {expect_ == Expect::nothing ? Status::done : Status::failed, at, {}};
}

ChunkedDecoder::Expect ChunkedDecoder::step(char c) noexcept {
  switch (expect_) {
    case Expect::first_digit:
      size_ = 0;
      digits_ = 0;
      extension_bytes_ = 0;
      return hex_value(c) < 0 ? Expect::failed : step_size(c);
    case Expect::digit:
      return step_size(c);
    case Expect::extension_mark:  // RFC 9112 §7.1.1 allows blanks here, before the semicolon only
      if (is_blank(c)) return count_extension(Expect::extension_mark);
      return c == ';' ? count_extension(Expect::extension) : Expect::failed;
    case Expect::extension:
      if (c == '\r') return Expect::size_lf;
      return kFieldChars.contains(c) ? count_extension(Expect::extension) : Expect::failed;
    case Expect::size_lf:
      if (c != '\n') return Expect::failed;
      return size_ > 0 ? Expect::data : Expect::trailer_begin;
    case Expect::data_cr:
      return c == '\r' ? Expect::data_lf : Expect::failed;
    case Expect::data_lf:
      return c == '\n' ? Expect::first_digit : Expect::failed;
    case Expect::trailer_begin:
      if (c == '\r') return Expect::final_lf;
      return kTokenChars.contains(c) ? count_trailer(Expect::trailer_name) : Expect::failed;
    case Expect::trailer_name:
      if (c == ':') return count_trailer(Expect::trailer);
      return kTokenChars.contains(c) ? count_trailer(Expect::trailer_name) : Expect::failed;
    case Expect::trailer:
      if (c == '\r') return count_trailer(Expect::trailer_lf);
      return kFieldChars.contains(c) ? count_trailer(Expect::trailer) : Expect::failed;
    case Expect::trailer_lf:
      return c == '\n' ? count_trailer(Expect::trailer_begin) : Expect::failed;
    case Expect::final_lf:
      return c == '\n' ? Expect::nothing : Expect::failed;
    case Expect::data:
    case Expect::nothing:
    case Expect::failed:
      break;  // decode() never asks
  }
  return Expect::failed;
}

ChunkedDecoder::Expect ChunkedDecoder::step_size(char c) noexcept {
  if (const int digit = hex_value(c); digit >= 0) {
    if (++digits_ > kMaxSizeDigits) return Expect::failed;
    size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
    return Expect::digit;
  }
  if (size_ > kMaxChunk) return Expect::failed;
  if (c == '\r') return Expect::size_lf;
  if (c == ';') return count_extension(Expect::extension);
  return is_blank(c) ? count_extension(Expect::extension_mark) : Expect::failed;
}

ChunkedDecoder::Expect ChunkedDecoder::count_extension(Expect next) noexcept {
  ++extension_bytes_;
  ++extension_bytes_total_;
  const bool within = extension_bytes_ <= limits_.extension_bytes &&
                      extension_bytes_total_ <= limits_.extension_bytes_total;
  return within ? next : Expect::failed;
}

ChunkedDecoder::Expect ChunkedDecoder::count_trailer(Expect next) noexcept {
  return ++trailer_bytes_ <= limits_.trailer_bytes ? next : Expect::failed;
}

ChunkHeader::ChunkHeader(std::size_t size) {
  if (size == 0) throw std::invalid_argument("a chunk of no bytes would end the body");
  char* end = std::to_chars(text_.data(), text_.data() + text_.size(), size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  length_ = static_cast<std::size_t>(end - text_.data());
}

}  // namespace socketserver::http
