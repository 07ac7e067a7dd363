#include <brotli/encode.h>

#include <new>

#include "http/encoders.hpp"

namespace socketserver::http {
namespace {

// Smaller than gzip at 6, and not slower.
constexpr std::uint32_t kBrotliQuality = 4;
constexpr std::uint32_t kBrotliWindowBits = 18;

struct Destroy {
  void operator()(BrotliEncoderState* state) const noexcept {
    ::BrotliEncoderDestroyInstance(state);
  }
};

class BrotliEncoder final : public ContentEncoder {
 public:
  BrotliEncoder() : state_(::BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw std::bad_alloc();
    ::BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, kBrotliQuality);
    ::BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_LGWIN, kBrotliWindowBits);
  }

  void encode(std::string_view data, Then then, std::string& out) override {
    const auto operation = then == Then::wait    ? BROTLI_OPERATION_PROCESS
                           : then == Then::flush ? BROTLI_OPERATION_FLUSH
                                                 : BROTLI_OPERATION_FINISH;
    const auto* next = reinterpret_cast<const std::uint8_t*>(data.data());
    std::size_t left = data.size();
    do {
      std::size_t no_room = 0;
      // Fails for want of memory alone: nothing that a caller says can be wrong here.
      if (::BrotliEncoderCompressStream(state_.get(), operation, &left, &next, &no_room, nullptr,
                                        nullptr) == BROTLI_FALSE) {
        throw std::bad_alloc();
      }
      std::size_t size = 0;
      const std::uint8_t* ready = ::BrotliEncoderTakeOutput(state_.get(), &size);
      out.append(reinterpret_cast<const char*>(ready), size);
    } while (left > 0 || ::BrotliEncoderHasMoreOutput(state_.get()) == BROTLI_TRUE);
  }

 private:
  std::unique_ptr<BrotliEncoderState, Destroy> state_;
};

}  // namespace

std::unique_ptr<ContentEncoder> make_brotli_encoder() {
  return std::make_unique<BrotliEncoder>();
}

}  // namespace socketserver::http
