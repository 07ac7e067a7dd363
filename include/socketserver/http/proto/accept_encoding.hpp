#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace socketserver::http {

/// The content coding that is none.
inline constexpr std::string_view kIdentity = "identity";

/// Returns how much an `Accept-Encoding` field (RFC 9110 §12.5.3) wants a content coding, in
/// thousandths: 1000 when its weight is 1 or not given, 0 when it must not be sent.
///
/// What the field does not name has the weight of `*`; without that, 0, and `identity`, which is
/// always allowed unless it is named or `*` is, 1: less than anything that was asked for. `x-gzip`
/// is `gzip`. A member whose weight is not 0 to 1 with at most three decimals does not count.
[[nodiscard]] int coding_weight(std::string_view field, std::string_view coding) noexcept;

/// A content coding, and how much a client wants it.
struct WantedCoding {
  std::string_view coding;  ///< As `available` names it.
  int weight;               ///< In thousandths.
};

/// Returns those of `available` that `choose_coding` would come to, were those before not there:
/// what the client wants most first.
[[nodiscard]] std::vector<WantedCoding> rank_codings(std::string_view field,
                                                     std::span<const std::string_view> available);

/// Returns the one of `available`, in the order of the server's preference, that the client wants
/// most; `identity` when it wants none of them at least as much.
///
/// That is also the answer when it wants nothing at all, as the RFC advises: what it cannot read is
/// better than no answer.
[[nodiscard]] std::string_view choose_coding(std::string_view field,
                                             std::span<const std::string_view> available) noexcept;

}  // namespace socketserver::http
