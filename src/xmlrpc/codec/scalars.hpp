#pragma once

#include <optional>
#include <socketserver/xmlrpc/codec/value.hpp>
#include <string_view>

namespace socketserver::xmlrpc {

/// The readers of texts that stand for one value. White space around numbers is ignored; each
/// returns nothing for any other text.

/// A sign, perhaps, and ASCII digits: an int, or a BigInteger when 64 bits do not hold it. Numbers
/// of more than 4300 digits are refused, as Python does.
std::optional<Value> read_integer(std::string_view text);

/// A decimal number, inf, infinity or nan, in any case.
std::optional<double> read_double(std::string_view text) noexcept;

/// The same, kept as text.
std::optional<Value> read_decimal(std::string_view text);

/// `0` or `1` and nothing else.
std::optional<Value> read_boolean(std::string_view text);

}  // namespace socketserver::xmlrpc
