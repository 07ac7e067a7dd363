#include "xmlrpc/accept_encodings.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <socketserver/http/proto/headers.hpp>

namespace socketserver::xmlrpc {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text;
}

/// Takes what stands before `separator` off the front of `text`, and the separator.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t size = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return trim(front);
}

/// The weight that the parameters of a member give; nothing: they cannot be read.
std::optional<double> weight_of(std::string_view parameters) {
  parameters = trim(parameters);
  if (parameters.empty()) return 1;
  const std::string_view name = take(parameters, '=');
  const std::string_view number = trim(parameters);
  if (!http::iequals(name, "q") || number.find_first_not_of("0123456789.") != number.npos) {
    return std::nullopt;
  }
  double weight = 0;
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), weight);
  if (ec != std::errc{} || end != number.data() + number.size() || weight > 1) return std::nullopt;
  return weight;
}

}  // namespace

std::map<std::string, double> accept_encodings(std::string_view field) {
  std::map<std::string, double> codings;
  while (!field.empty()) {
    std::string_view member = take(field, ',');
    std::string coding(take(member, ';'));
    const auto weight = weight_of(member);
    if (!http::is_token(coding) || !weight) continue;
    std::ranges::transform(coding, coding.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    codings.insert_or_assign(std::move(coding), *weight);
  }
  return codings;
}

}  // namespace socketserver::xmlrpc
