#include <algorithm>
#include <functional>
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

/// What a member of the field says of its coding; nothing when that is no weight.
std::optional<int> weight_of(std::string_view member, std::size_t semicolon) noexcept {
  if (semicolon == std::string_view::npos) return kFull;
  const std::string_view parameter = trim_blanks(member.substr(semicolon + 1));
  if (parameter.size() < 2 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') {
    return std::nullopt;
  }
  return parse_weight(parameter.substr(2));
}

bool is_called(std::string_view name, std::string_view coding) noexcept {
  return iequals(iequals(name, "x-gzip") ? "gzip" : name, coding) && is_token(name);
}

/// From which weight on a coding is better than none: where the client is indifferent, any is.
int least_weight(std::string_view field) noexcept {
  return std::max(coding_weight(field, kIdentity), 1);
}

}  // namespace

int coding_weight(std::string_view field, std::string_view coding) noexcept {
  int others = iequals(coding, kIdentity) ? 1 : 0;
  while (!field.empty()) {
    const std::string_view member = next_list_member(field);
    const std::size_t semicolon = member.find(';');
    const std::string_view name = trim_blanks(member.substr(0, semicolon));
    const bool is_it = is_called(name, coding);
    if (!is_it && name != "*") continue;
    const auto weight = weight_of(member, semicolon);
    if (!weight) continue;
    if (is_it) return *weight;
    others = *weight;
  }
  return others;
}

std::vector<WantedCoding> rank_codings(std::string_view field,
                                       std::span<const std::string_view> available) {
  const int least = least_weight(field);
  std::vector<WantedCoding> ranked;
  for (const std::string_view coding : available) {
    const int weight = coding_weight(field, coding);
    if (weight < least) continue;
    ranked.insert(std::ranges::upper_bound(ranked, weight, std::greater(), &WantedCoding::weight),
                  {coding, weight});
  }
  return ranked;
}

std::string_view choose_coding(std::string_view field,
                               std::span<const std::string_view> available) noexcept {
  std::string_view best = kIdentity;
  int weight = least_weight(field) - 1;
  for (const std::string_view coding : available) {
    const int wanted = coding_weight(field, coding);
    if (wanted <= weight) continue;
    best = coding;
    weight = wanted;
  }
  return best;
}

}  // namespace socketserver::http
