// The input is a chunked body as a client sends it; the same bytes also serve as data to encode.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/chunked.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;
using Status = http::ChunkedDecoder::Status;

namespace {

struct Decoded {
  Status status = Status::need_more;
  std::size_t consumed = 0;
  std::string body;

  bool operator==(const Decoded&) const = default;
};

/// Decodes `raw` in pieces of `step` bytes, and takes at most `max_data` bytes at a time.
Decoded decode(std::string_view raw, http::ChunkedLimits limits, std::size_t step,
               std::size_t max_data) {
  http::ChunkedDecoder decoder(limits);
  Decoded decoded;
  for (std::size_t end = std::min(step, raw.size());; end = std::min(end + step, raw.size())) {
    do {
      const std::string_view in = raw.substr(decoded.consumed, end - decoded.consumed);
      const http::ChunkedDecoder::Result result = decoder.decode(in, max_data);
      require(result.consumed <= in.size(), "no more is consumed than there is");
      require(result.data.size() <= std::min(result.consumed, max_data), "data is bounded");
      require(result.data.empty() == (result.status != Status::data), "data comes as data");
      require(result.data.empty() ||
                  result.data.data() + result.data.size() == in.data() + result.consumed,
              "data is the end of what was consumed");
      decoded.status = result.status;
      decoded.consumed += result.consumed;
      decoded.body.append(result.data);
    } while (decoded.status == Status::data);
    if (decoded.status != Status::need_more) return decoded;
    require(decoded.consumed == end, "who needs more has consumed everything");
    if (end == raw.size()) return decoded;
  }
}

void check(std::string_view raw, http::ChunkedLimits limits) {
  const Decoded whole = decode(raw, limits, raw.size() + 1, raw.size() + 1);
  require(whole == decode(raw, limits, 1, raw.size() + 1), "cuts do not matter");
  require(whole == decode(raw, limits, 7, 3), "nor does how much is taken at a time");
  require(whole.body.size() <= raw.size(), "a body is no longer than its encoding");
}

void check_round_trip(std::string_view body) {
  std::string raw;
  std::size_t size = 1;
  for (std::string_view rest = body; !rest.empty(); size = size * 5 % 97 + 1) {
    const std::string_view chunk = rest.substr(0, size);
    raw.append(http::chunk_header(chunk.size()).view()).append(chunk).append(http::kChunkEnd);
    rest.remove_prefix(chunk.size());
  }
  raw.append(http::kLastChunk);
  const Decoded decoded = decode(raw, {}, 11, raw.size());
  require(decoded == Decoded{Status::done, raw.size(), std::string(body)},
          "what was encoded is decoded to the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  check(raw, {});
  check(raw, {.extension_bytes = 3, .extension_bytes_total = 5, .trailer_bytes = 8});
  check_round_trip(raw);
  return 0;
}
