#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/xmlrpc/codec/gzip.hpp>

namespace socketserver::xmlrpc {
namespace {

constexpr int kGzipWindow = MAX_WBITS + 16;
constexpr int kFastest = 1;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kBuffer = std::size_t{64} * 1024;

/// As zlib wants them; it does not write there.
Bytef* bytes_of(std::string_view data) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
}

/// Gives zlib the next of `data`, whose sizes are unsigned ints.
void refill(z_stream& stream, std::string_view& data) {
  if (stream.avail_in > 0 || data.empty()) return;
  const std::size_t size = std::min<std::size_t>(data.size(), std::numeric_limits<uInt>::max());
  stream.next_in = bytes_of(data);
  stream.avail_in = static_cast<uInt>(size);
  data.remove_prefix(size);
}

/// Makes room behind `written` bytes of `out`, at most `most` in all, and gives it to zlib.
void make_room(z_stream& stream, std::string& out, std::size_t written, std::size_t most) {
  const std::size_t doubled = std::max(kBuffer, 2 * written);
  out.resize(std::min(most, doubled));
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
  stream.avail_out = static_cast<uInt>(
      std::min<std::size_t>(out.size() - written, std::numeric_limits<uInt>::max()));
}

GzipResult refused(GzipError error) {
  return {.data = std::nullopt, .error = error};
}

}  // namespace

std::string gzip_encode(std::string_view data) {
  z_stream stream{};
  if (deflateInit2(&stream, kFastest, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  const ScopeExit end([&stream] { deflateEnd(&stream); });
  std::string out;
  std::size_t written = 0;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    refill(stream, data);
    if (stream.avail_out == 0) {
      make_room(stream, out, written, std::numeric_limits<std::size_t>::max());
    }
    const uInt room = stream.avail_out;
    result = deflate(&stream, data.empty() ? Z_FINISH : Z_NO_FLUSH);
    written += room - stream.avail_out;
  }
  out.resize(written);
  return out;
}

GzipResult gzip_decode(std::string_view data, std::size_t max_bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  const ScopeExit end([&stream] { inflateEnd(&stream); });
  // One byte more than is allowed tells a content that is too large from one that just fits.
  const std::size_t most =
      max_bytes == std::numeric_limits<std::size_t>::max() ? max_bytes : max_bytes + 1;
  std::string out;
  std::size_t written = 0;
  for (;;) {
    refill(stream, data);
    if (stream.avail_out == 0) make_room(stream, out, written, most);
    const uInt room = stream.avail_out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    written += room - stream.avail_out;
    if (written > max_bytes) return refused(GzipError::too_large);
    if (result == Z_STREAM_END) break;
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    const bool starved = stream.avail_in == 0 && data.empty() && stream.avail_out > 0;
    if (starved || result != Z_OK) return refused(GzipError::invalid_data);
  }
  if (stream.avail_in > 0 || !data.empty()) return refused(GzipError::invalid_data);
  out.resize(written);
  return {.data = std::move(out)};
}

}  // namespace socketserver::xmlrpc
