#include <charconv>
#include <socketserver/xmlrpc/codec/convert.hpp>
#include <sstream>

namespace socketserver::xmlrpc::detail {
namespace {

constexpr std::size_t kShownBytes = 80;

const DateTime& date_time(const Value& value) {
  if (const auto* time = value.get_if<DateTime>()) return *time;
  throw_expected("dateTime.iso8601", value);
}

/// The value itself, cut when it is long.
std::string shown(const Value& value) {
  std::ostringstream out;
  out << value;
  std::string text = std::move(out).str();
  if (text.size() > kShownBytes) text.replace(kShownBytes, std::string::npos, "…");
  return text;
}

}  // namespace

void throw_expected(std::string_view wanted, const Value& value) {
  throw TypeError("expected " + std::string(wanted) + ", got " + std::string(value.type_name()));
}

void throw_out_of_range(std::int64_t least, std::uint64_t most, const Value& value) {
  throw TypeError("expected int of " + std::to_string(least) + " to " + std::to_string(most) +
                  ", got " + shown(value));
}

std::optional<std::uint64_t> to_unsigned(const Value& value) noexcept {
  if (const auto* number = value.get_if<std::int64_t>()) {
    if (*number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  }
  const auto* number = value.get_if<BigInteger>();
  if (!number) return std::nullopt;
  const char* const end = number->digits.data() + number->digits.size();
  std::uint64_t result = 0;
  const auto [stop, error] = std::from_chars(number->digits.data(), end, result);
  if (error != std::errc() || stop != end) return std::nullopt;
  return result;
}

BigInteger Converter<BigInteger>::from(const Value& value) {
  if (const auto* number = value.get_if<BigInteger>()) return *number;
  if (const auto* number = value.get_if<std::int64_t>()) return {std::to_string(*number)};
  throw_expected(name(), value);
}

Decimal Converter<Decimal>::from(const Value& value) {
  if (const auto* number = value.get_if<Decimal>()) return *number;
  if (const auto* number = value.get_if<BigInteger>()) return {number->digits};
  if (const auto* number = value.get_if<std::int64_t>()) return {std::to_string(*number)};
  throw_expected(name(), value);
}

std::chrono::sys_seconds Converter<std::chrono::sys_seconds>::from(const Value& value) {
  if (const auto time = date_time(value).utc_time()) return *time;
  throw TypeError("expected dateTime.iso8601, got " + shown(value));
}

std::chrono::local_seconds Converter<std::chrono::local_seconds>::from(const Value& value) {
  if (const auto time = date_time(value).local_time()) return *time;
  throw TypeError("expected dateTime.iso8601, got " + shown(value));
}

const Array& elements(const Value& value) {
  if (const auto* array = value.get_if<Array>()) return *array;
  throw_expected("array", value);
}

const Array& elements(const Value& value, std::size_t size) {
  const Array& array = elements(value);
  if (array.size() == size) return array;
  throw TypeError("expected array of " + std::to_string(size) + " values, got one of " +
                  std::to_string(array.size()));
}

const Struct& members(const Value& value) {
  if (const auto* members = value.get_if<Struct>()) return *members;
  throw_expected("struct", value);
}

}  // namespace socketserver::xmlrpc::detail
