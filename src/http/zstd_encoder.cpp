#include <zstd.h>

#include <array>
#include <new>

#include "http/encoders.hpp"

namespace socketserver::http {
namespace {

constexpr int kZstdLevel = 3;
// Bounds the memory on both sides; clients need not take more than 8 MiB (RFC 9659 §3).
constexpr int kZstdWindowBits = 18;

struct Free {
  void operator()(ZSTD_CCtx* context) const noexcept { ::ZSTD_freeCCtx(context); }
};

class ZstdEncoder final : public ContentEncoder {
 public:
  ZstdEncoder() : context_(::ZSTD_createCCtx()) {
    if (!context_) throw std::bad_alloc();
    ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kZstdLevel);
    ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, kZstdWindowBits);
    ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  void encode(std::string_view data, Then then, std::string& out) override {
    const auto directive = then == Then::wait    ? ZSTD_e_continue
                           : then == Then::flush ? ZSTD_e_flush
                                                 : ZSTD_e_end;
    std::array<char, kEncoderBlock> block;
    ZSTD_inBuffer in{.src = data.data(), .size = data.size(), .pos = 0};
    for (;;) {
      ZSTD_outBuffer room{.dst = block.data(), .size = block.size(), .pos = 0};
      const std::size_t left = ::ZSTD_compressStream2(context_.get(), &room, &in, directive);
      // As for brotli: only memory can be missing.
      if (::ZSTD_isError(left) != 0) throw std::bad_alloc();
      out.append(block.data(), room.pos);
      const bool done = then == Then::wait ? in.pos == in.size : left == 0;
      if (done) return;
    }
  }

 private:
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

}  // namespace

std::unique_ptr<ContentEncoder> make_zstd_encoder() {
  return std::make_unique<ZstdEncoder>();
}

}  // namespace socketserver::http
