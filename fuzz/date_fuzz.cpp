// The input is a date as a header field has it; its first eight bytes also serve as a time.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <socketserver/http/proto/date.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

void check_round_trip(std::int64_t seconds) {
  std::string text(http::kDateSize, '\0');
  if (!http::format_date_to(text.data(), seconds)) return;
  require(http::parse_date(text) == seconds, "what was formatted is parsed to the same");
  require(text == http::format_date(seconds), "both ways of formatting agree");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kYear0 = -62167219200;
  constexpr std::int64_t kYear10000 = 253402300800;
  constexpr std::int64_t kDay = 86400;

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto seconds = http::parse_date(text)) {
    require(*seconds > kYear0 - kDay && *seconds < kYear10000 + kDay, "years have four digits");
    check_round_trip(*seconds);
  }

  std::int64_t seconds = 0;
  if (size >= sizeof seconds) {
    std::memcpy(&seconds, data, sizeof seconds);
    const bool representable = seconds >= kYear0 && seconds < kYear10000;
    std::string out(http::kDateSize, '\0');
    require(http::format_date_to(out.data(), seconds) == representable, "only years 0 to 9999");
    check_round_trip(seconds % (kYear10000 - kYear0) + kYear0);
    check_round_trip(seconds % kYear10000);
  }
  return 0;
}
