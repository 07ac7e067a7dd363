#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "http/encoders.hpp"

namespace socketserver::http {
namespace {

constexpr int kGzipLevel = 6;
constexpr int kGzipWindowBits = MAX_WBITS + 16;  // with gzip's head and check sum
constexpr int kGzipMemoryLevel = 8;

class GzipEncoder final : public ContentEncoder {
 public:
  GzipEncoder() {
    if (::deflateInit2(&stream_, kGzipLevel, Z_DEFLATED, kGzipWindowBits, kGzipMemoryLevel,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;
  ~GzipEncoder() override { ::deflateEnd(&stream_); }

  void encode(std::string_view data, Then then, std::string& out) override {
    // zlib counts in unsigned int.
    constexpr std::size_t kMost = std::numeric_limits<unsigned>::max();
    while (data.size() > kMost) {
      run(data.substr(0, kMost), Z_NO_FLUSH, out);
      data.remove_prefix(kMost);
    }
    run(data, then == Then::wait ? Z_NO_FLUSH : then == Then::flush ? Z_SYNC_FLUSH : Z_FINISH, out);
  }

 private:
  void run(std::string_view data, int flush, std::string& out) {
    std::array<char, kEncoderBlock> block;
    // zlib's input is not const, and still only read.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream_.avail_in = static_cast<unsigned>(data.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(block.data());
      stream_.avail_out = static_cast<unsigned>(block.size());
      ::deflate(&stream_, flush);
      out.append(block.data(), block.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
};

}  // namespace

std::unique_ptr<ContentEncoder> make_gzip_encoder() {
  return std::make_unique<GzipEncoder>();
}

}  // namespace socketserver::http
