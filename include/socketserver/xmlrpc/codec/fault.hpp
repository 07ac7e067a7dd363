#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// What every error of XML-RPC is. Source: Python `xmlrpc.client.Error`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The error that a procedure reports to its caller: thrown on the one side, it is thrown on the
/// other.
///
/// `what()` is `<Fault 42: 'text'>`. Source: Python `xmlrpc.client.Fault`.
class Fault : public Error {
 public:
  /// @param text  for people; `what()` holds it.
  Fault(int code, std::string text);

  [[nodiscard]] int code() const noexcept { return code_; }                 ///< faultCode
  [[nodiscard]] const std::string& text() const noexcept { return text_; }  ///< faultString

  /// The struct that stands for it in an answer.
  [[nodiscard]] Struct to_struct() const;

 private:
  int code_;
  std::string text_;
};

/// A message that is no XML-RPC, or goes over a limit. Source: Python `ResponseError` and expat's
/// errors.
class ResponseError : public Error {
 public:
  using Error::Error;
};

/// A value of another type than is wanted, or one that XML-RPC cannot say: nil without
/// `allow_none`, a number out of bounds, a control character. Source: Python `TypeError` and
/// `OverflowError` of the same places.
class TypeError : public Error {
 public:
  using Error::Error;
};

/// The fault codes that implementations agreed upon (specification for fault code
/// interoperability, 2001). Source: the constants of the same names in Python's `xmlrpc.client`.
inline constexpr int PARSE_ERROR = -32700;
inline constexpr int SERVER_ERROR = -32600;
inline constexpr int APPLICATION_ERROR = -32500;
inline constexpr int SYSTEM_ERROR = -32400;
inline constexpr int TRANSPORT_ERROR = -32300;
inline constexpr int NOT_WELLFORMED_ERROR = -32700;
inline constexpr int UNSUPPORTED_ENCODING = -32701;
inline constexpr int INVALID_ENCODING_CHAR = -32702;
inline constexpr int INVALID_XMLRPC = -32600;
inline constexpr int METHOD_NOT_FOUND = -32601;
inline constexpr int INVALID_METHOD_PARAMS = -32602;
inline constexpr int INTERNAL_ERROR = -32603;

}  // namespace socketserver::xmlrpc
