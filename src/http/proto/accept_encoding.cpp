#include <algorithm>
#include <optional>
#include <socketserver/http/proto/accept_encoding.hpp>
#include <socketserver/http/proto/headers.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr int kFull = 1000;

/// RFC 9110 §12.4.2 qvalue, in thousandths.
std::optional<int> parse_weight(std::string_view text) noexcept {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = text[0] == '1' ? kFull : 0;
  int unit = kFull / 10;
  for (const char digit : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (!is_digit(digit)) return std::nullopt;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight <= kFull ? std::optional(weight) : std::nullopt;
}

/// One member of the field: a coding with its weight.
struct Wanted {
  std::string_view coding;
  int weight = kFull;
};

std::optional<Wanted> parse_member(std::string_view member) noexcept {
  const std::size_t semicolon = member.find(';');
  Wanted wanted{.coding = trim_blanks(member.substr(0, semicolon))};
  if (!is_token(wanted.coding)) return std::nullopt;
  if (iequals(wanted.coding, "x-gzip")) wanted.coding = "gzip";
  if (semicolon == std::string_view::npos) return wanted;
  const std::string_view parameter = trim_blanks(member.substr(semicolon + 1));
  if (parameter.size() < 2 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') {
    return std::nullopt;
  }
  const auto weight = parse_weight(parameter.substr(2));
  if (!weight) return std::nullopt;
  wanted.weight = *weight;
  return wanted;
}

}  // namespace

int coding_weight(std::string_view field, std::string_view coding) noexcept {
  int others = iequals(coding, kIdentity) ? 1 : 0;
  while (!field.empty()) {
    const auto wanted = parse_member(next_list_member(field));
    if (!wanted) continue;
    if (iequals(wanted->coding, coding)) return wanted->weight;
    if (wanted->coding == "*") others = wanted->weight;
  }
  return others;
}

std::string_view choose_coding(std::string_view field,
                               std::span<const std::string_view> available) noexcept {
  std::string_view best = kIdentity;
  int weight = std::max(coding_weight(field, kIdentity), 1);
  bool chosen = false;
  for (const std::string_view coding : available) {
    const int wanted = coding_weight(field, coding);
    // Where the client is indifferent, any coding is better than none.
    if (wanted > weight || (wanted == weight && !chosen)) {
      best = coding;
      weight = wanted;
      chosen = true;
    }
  }
  return best;
}

}  // namespace socketserver::http
