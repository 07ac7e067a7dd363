#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// Writes a value as JSON (RFC 8259): base64 text for Binary, its text for a DateTime, digits for
/// BigInteger and Decimal. Control characters are escaped, those from U+007F on as well.
///
/// @param max_bytes  of what is written.
/// @throws Error for more than that. TypeError for nan and inf, for text that is no UTF-8, and for
/// a BigInteger or a Decimal
///         that loads_json would not read.
std::string dumps_json(const Value& value,
                       std::size_t max_bytes = std::numeric_limits<std::size_t>::max());

/// What became of a JSON text: its value, or why it has none.
struct JSONResult {
  std::optional<Value> value;  ///< Absent when it failed.
  std::string error;           ///< With the offset of the byte at fault.
};

/// Reads a JSON text strictly (RFC 8259): no comments, no trailing commas, UTF-8 only, the last of
/// two members of one name wins. Whole numbers become int (BigInteger beyond 64 bits, up to 4300
/// digits), others double; those that no double holds are refused. Never throws for what the text
/// is.
JSONResult loads_json(std::string_view text, const LoadLimits& limits = {});

}  // namespace socketserver::xmlrpc
