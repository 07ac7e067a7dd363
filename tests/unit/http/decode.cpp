#include "decode.hpp"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <stdexcept>

namespace socketserver::testing {
namespace {

struct Decoded {
  std::string text;
  bool whole = false;
};

constexpr std::size_t kBlock = 65536;

Decoded decode_gzip(std::string_view data) {
  z_stream stream{};
  ::inflateInit2(&stream, MAX_WBITS + 16);
  Decoded decoded;
  std::string block(kBlock, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<unsigned>(data.size());
  int result = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = kBlock;
    result = ::inflate(&stream, Z_SYNC_FLUSH);
    decoded.text.append(block, 0, kBlock - stream.avail_out);
  } while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
  decoded.whole = result == Z_STREAM_END && stream.avail_in == 0;
  ::inflateEnd(&stream);
  return decoded;
}

Decoded decode_brotli(std::string_view data) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> state(
      ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &::BrotliDecoderDestroyInstance);
  Decoded decoded;
  const auto* next = reinterpret_cast<const std::uint8_t*>(data.data());
  std::size_t left = data.size();
  BrotliDecoderResult result{};
  do {
    std::size_t no_room = 0;
    result = ::BrotliDecoderDecompressStream(state.get(), &left, &next, &no_room, nullptr, nullptr);
    std::size_t size = 0;
    const std::uint8_t* ready = ::BrotliDecoderTakeOutput(state.get(), &size);
    decoded.text.append(reinterpret_cast<const char*>(ready), size);
  } while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
  decoded.whole = result == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
  return decoded;
}

Decoded decode_zstd(std::string_view data) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(::ZSTD_createDCtx(),
                                                                        &::ZSTD_freeDCtx);
  Decoded decoded;
  std::string block(kBlock, '\0');
  ZSTD_inBuffer in{.src = data.data(), .size = data.size(), .pos = 0};
  std::size_t left = 1;
  ZSTD_outBuffer room{};
  do {
    room = {.dst = block.data(), .size = block.size(), .pos = 0};
    left = ::ZSTD_decompressStream(context.get(), &room, &in);
    if (::ZSTD_isError(left) != 0) throw std::runtime_error(::ZSTD_getErrorName(left));
    decoded.text.append(block, 0, room.pos);
  } while (in.pos < in.size || room.pos == room.size);
  decoded.whole = left == 0;
  return decoded;
}

Decoded decode_any(std::string_view coding, std::string_view data) {
  if (coding == "gzip") return decode_gzip(data);
  if (coding == "br") return decode_brotli(data);
  if (coding == "zstd") return decode_zstd(data);
  throw std::runtime_error("unknown coding");
}

}  // namespace

std::string decode(std::string_view coding, std::string_view data) {
  Decoded decoded = decode_any(coding, data);
  if (!decoded.whole) throw std::runtime_error("not one whole stream");
  return std::move(decoded.text);
}

std::string decode_so_far(std::string_view coding, std::string_view data) {
  return decode_any(coding, data).text;
}

}  // namespace socketserver::testing
