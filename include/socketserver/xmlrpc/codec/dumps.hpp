#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>

#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// How a message is written.
struct DumpOptions {
  /// Makes it the call of that method; without, and unless it is a response, only `<params>` is
  /// written.
  std::optional<std::string> methodname = std::nullopt;

  /// Makes it a response, which has exactly one value.
  bool methodresponse = false;

  /// Named in the XML declaration unless it is UTF-8. Characters that it lacks are written as
  /// references. Text in a Value is always UTF-8.
  std::string encoding = "utf-8";

  bool allow_none = false;  ///< Nil as `<nil/>`, an extension; else an error.

  /// Numbers beyond 32 bits as `<i8>`, BigInteger as `<biginteger>` and Decimal as `<bigdecimal>`,
  /// which are extensions; else they are errors.
  bool allow_i8 = false;

  bool allow_nonfinite = true;  ///< nan and inf, as Python writes them; else an error.

  /// Of what is written. It is an error as soon as it shows, before all of it is held.
  std::size_t max_bytes = std::numeric_limits<std::size_t>::max();
};

/// Writes a call, a response or bare parameters.
///
/// @throws TypeError for a value that cannot be said, Error for more than `max_bytes`,
///         std::logic_error for a response without exactly one value, std::invalid_argument for an
///         unknown encoding.
/// Differs from Python: text that XML cannot hold (control characters, text that is no UTF-8) is an
/// error, carriage returns survive, the method's name is escaped.
/// Source: Python `xmlrpc.client.dumps`.
std::string dumps(const Array& params, const DumpOptions& options = {});

/// Writes a response that is a fault.
std::string dumps(const Fault& fault, const DumpOptions& options = {});

}  // namespace socketserver::xmlrpc
