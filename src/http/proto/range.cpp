#include <algorithm>
#include <limits>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/range.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr std::uint64_t kLargestNumber = std::numeric_limits<std::uint64_t>::max();

/// "first-last", "first-" or "-suffix" as it stands in the field.
struct RangeSpec {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;  // the length of the suffix when there is no `first`
};

/// A range and its place in the field, for putting ranges back in order.
struct Placed {
  ByteRange range;
  std::size_t place;
};

/// Takes the digits off the front of `text`; what is beyond 64 bits is the largest number.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::uint64_t value = 0;
  while (!text.empty() && is_digit(text.front())) {
    const auto digit = static_cast<std::uint64_t>(text.front() - '0');
    value = value > (kLargestNumber - digit) / 10 ? kLargestNumber : value * 10 + digit;
    text.remove_prefix(1);
  }
  return value;
}

std::optional<RangeSpec> parse_spec(std::string_view text) {
  RangeSpec spec;
  spec.first = take_number(text);
  if (!text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  spec.last = take_number(text);
  const bool says_something = spec.first || spec.last;
  const bool backwards = spec.first && spec.last && *spec.last < *spec.first;
  if (!text.empty() || !says_something || backwards) return std::nullopt;
  return spec;
}

/// The bytes that `spec` names of a representation that is not empty; nothing: there are none.
std::optional<ByteRange> resolve(const RangeSpec& spec, std::uint64_t size) {
  if (!spec.first) {
    if (*spec.last == 0) return std::nullopt;
    return ByteRange{size - std::min(*spec.last, size), size - 1};
  }
  if (*spec.first >= size) return std::nullopt;
  return ByteRange{*spec.first, std::min(spec.last.value_or(kLargestNumber), size - 1)};
}

/// Makes one of those that overlap or touch, and puts the rest back in order.
std::vector<ByteRange> coalesce(std::vector<Placed> found) {
  std::ranges::sort(found, {}, [](const Placed& part) { return part.range.first; });
  std::vector<Placed> merged;
  for (const Placed& next : found) {
    // No sum here can overflow: a last byte is below the size.
    if (!merged.empty() && next.range.first <= merged.back().range.last + 1) {
      Placed& before = merged.back();
      before.range.last = std::max(before.range.last, next.range.last);
      before.place = std::min(before.place, next.place);
    } else {
      merged.push_back(next);
    }
  }
  std::ranges::sort(merged, {}, &Placed::place);
  std::vector<ByteRange> ranges;
  ranges.reserve(merged.size());
  for (const Placed& part : merged) ranges.push_back(part.range);
  return ranges;
}

}  // namespace

RangeSet parse_range(std::string_view field, std::uint64_t size) {
  const std::size_t equals = field.find('=');
  if (equals == std::string_view::npos || !iequals(field.substr(0, equals), "bytes")) return {};
  std::string_view list = field.substr(equals + 1);

  std::vector<Placed> found;
  std::size_t specs = 0;
  bool asks_for_end = false;
  while (!list.empty()) {
    const std::string_view member = next_list_member(list);
    if (member.empty()) continue;  // RFC 9110 §5.6.1.2
    const auto spec = parse_spec(member);
    if (!spec) return {};
    ++specs;
    asks_for_end = asks_for_end || (!spec->first && *spec->last > 0);
    if (size == 0) continue;
    if (const auto range = resolve(*spec, size)) found.push_back({*range, specs});
  }
  if (specs == 0) return {};
  // The end of nothing can be had (§14.1.2), but no Content-Range can say so.
  if (size == 0 && asks_for_end) return {};
  if (found.empty()) return {.kind = RangeSet::Kind::unsatisfiable};
  auto ranges = coalesce(std::move(found));
  if (ranges.size() > kMaxRanges) return {};
  return {.kind = RangeSet::Kind::partial, .ranges = std::move(ranges)};
}

std::string content_range(ByteRange range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' +
         std::to_string(size);
}

std::string unsatisfied_range(std::uint64_t size) {
  return "bytes */" + std::to_string(size);
}

}  // namespace socketserver::http
