// The input is a form whose boundary is "B".

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/multipart_form.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;
using Status = http::MultipartParser::Status;

namespace {

struct Parsed {
  Status status = Status::need_more;
  http::MultipartFault fault = http::MultipartFault::none;
  std::string told;

  bool operator==(const Parsed&) const = default;
};

/// Parses `raw`, which arrives in pieces of `step` bytes.
Parsed parse(std::string_view raw, http::MultipartLimits limits, std::size_t step) {
  http::MultipartParser parser("B", limits);
  Parsed parsed;
  std::size_t consumed = 0;
  bool in_part = false;
  for (std::size_t end = std::min(step, raw.size());;) {
    const std::string_view in = raw.substr(consumed, end - consumed);
    const auto result = parser.parse(in);
    require(result.consumed <= in.size(), "no more is consumed than there is");
    require(result.data.empty() == (result.status != Status::data), "data comes as data");
    consumed += result.consumed;
    parsed.status = result.status;
    parsed.fault = parser.fault();
    switch (result.status) {
      case Status::part:
        require(!in_part, "a part begins behind the end of another");
        in_part = true;
        parsed.told += '[' + parser.part().name + '|' + parser.part().filename.value_or("-") + ']';
        break;
      case Status::data:
        require(in_part, "content belongs to a part");
        parsed.told += result.data;
        break;
      case Status::part_end:
        require(in_part, "a part that ends has begun");
        in_part = false;
        parsed.told += ';';
        break;
      case Status::need_more:
        require(in.size() - result.consumed <= std::max<std::size_t>(limits.head_bytes, 5),
                "what is kept back is bounded");
        if (end == raw.size()) return parsed;
        end = std::min(end + step, raw.size());
        break;
      case Status::done:
        require(!in_part, "the last part has ended");
        return parsed;
      case Status::failed:
        require(parsed.fault != http::MultipartFault::none, "a failure has a reason");
        return parsed;
    }
  }
}

void check(std::string_view raw, http::MultipartLimits limits) {
  const Parsed whole = parse(raw, limits, raw.size() + 1);
  require(whole == parse(raw, limits, 1), "cuts do not matter");
  require(whole == parse(raw, limits, 7), "nor does where they are");
  require(whole.told.size() <= raw.size(), "a form tells no more than it has");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  check(raw, {});
  check(raw, {.head_bytes = 60, .head_count = 2, .preamble_bytes = 4});
  return 0;
}
