// The input is an Accept-Encoding field.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <socketserver/http/proto/accept_encoding.hpp>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 3> kCodings = {"br", "zstd", "gzip"};
  const std::string_view field(reinterpret_cast<const char*>(data), size);
  const std::string_view chosen = http::choose_coding(field, kCodings);
  const int weight = http::coding_weight(field, chosen);
  for (const std::string_view coding : kCodings) {
    const int other = http::coding_weight(field, coding);
    require(other >= 0 && other <= 1000, "weights are thousandths");
    require(other <= std::max(weight, 0) || chosen == coding, "nothing is wanted more");
  }
  const bool known = std::ranges::find(kCodings, chosen) != kCodings.end();
  require(known || chosen == http::kIdentity, "what is chosen is there");
  require(!known || weight > 0, "what is refused is not sent");
  require(!known || weight >= http::coding_weight(field, http::kIdentity), "nor against wishes");
  require(http::choose_coding(field, {}) == http::kIdentity, "of nothing, nothing");

  const auto ranked = http::rank_codings(field, kCodings);
  require(std::ranges::is_sorted(ranked, std::ranges::greater(), &http::WantedCoding::weight),
          "what is wanted most comes first");
  require((ranked.empty() ? http::kIdentity : ranked.front().coding) == chosen, "and is chosen");
  return 0;
}
