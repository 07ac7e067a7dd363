#include "xmlrpc/codec/scalars.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "xmlrpc/codec/ascii.hpp"
#include "xmlrpc/codec/blanks.hpp"

namespace socketserver::xmlrpc {
namespace {

constexpr std::size_t kMostIntegerDigits = 4300;

/// Takes digits off the front of `text` and returns them.
std::string_view take_digits(std::string_view& text) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take_sign(std::string_view& text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// Whether `text`, without sign, is a decimal number; its exponent is returned by the way.
bool is_number(std::string_view text, std::string_view& exponent,
               bool& negative_exponent) noexcept {
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  negative_exponent = take_sign(text);
  exponent = take_digits(text);
  return !exponent.empty() && text.empty();
}

bool is_special(std::string_view text) noexcept {
  return iequals_ascii(text, "inf") || iequals_ascii(text, "infinity") ||
         iequals_ascii(text, "nan");
}

/// Whether a number that no double holds is too large for one, and not too small.
bool is_huge(std::string_view text, std::string_view exponent, bool negative_exponent) noexcept {
  const std::size_t point = std::min(text.find_first_of(".eE"), text.size());
  const std::size_t first = std::min(text.find_first_of("123456789"), text.size());
  // How far the first digit that counts is left of the point; negative: right of it.
  auto places = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  std::int64_t shift = 0;
  for (const char c : exponent) {
    shift =
        std::min<std::int64_t>(shift * 10 + (c - '0'), std::numeric_limits<std::int32_t>::max());
  }
  places += negative_exponent ? -shift : shift;
  return places > 0;
}

}  // namespace

std::optional<Value> read_integer(std::string_view text) {
  text = trim_blanks(text);
  const bool negative = text.starts_with('-');
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || !is_digit(digits.front())) return std::nullopt;

  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end) return std::nullopt;
  if (error == std::errc()) return Value(number);

  digits.remove_prefix(digits.find_first_not_of('0'));
  if (digits.size() > kMostIntegerDigits) return std::nullopt;
  return Value(BigInteger{(negative ? "-" : "") + std::string(digits)});
}

std::optional<double> read_double(std::string_view text) noexcept {
  text = trim_blanks(text);
  const bool negative = take_sign(text);
  std::string_view exponent;
  bool negative_exponent = false;
  if (!is_special(text) && !is_number(text, exponent, negative_exponent)) return std::nullopt;

  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::result_out_of_range) {
    number =
        is_huge(text, exponent, negative_exponent) ? std::numeric_limits<double>::infinity() : 0;
  }
  return negative ? -number : number;
}

std::optional<Value> read_decimal(std::string_view text) {
  text = trim_blanks(text);
  std::string_view number = text;
  take_sign(number);
  std::string_view exponent;
  bool negative_exponent = false;
  if (!is_special(number) && !is_number(number, exponent, negative_exponent)) return std::nullopt;
  return Value(Decimal{std::string(text)});
}

std::optional<Value> read_boolean(std::string_view text) {
  if (text != "0" && text != "1") return std::nullopt;
  return Value(text == "1");
}

}  // namespace socketserver::xmlrpc
