#pragma once

#include <string>

namespace socketserver {

/// How an XML-RPC server speaks: the arguments of Python's servers, under their names.
///
/// Differs from Python: there is no `use_builtin_types`, because the parameters of a function say
/// themselves which types they want.
struct XMLRPCOptions {
  /// Whether nil may be answered, an extension. Otherwise a function without result faults, as does
  /// one whose result holds a nil. JSON-RPC has null anyway.
  bool allow_none = false;

  /// Whether whole numbers beyond 32 bits may be answered as `<i8>`, an extension.
  bool allow_i8 = false;

  /// In which answers are written, and which their XML declaration names.
  std::string encoding = "utf-8";

  /// The codes of the specification for fault code interoperability: −32601 for a method that there
  /// is not, −32602 for wrong parameters, −32500 for an exception. Otherwise 1, as Python has it.
  bool standard_fault_codes = false;

  /// Whether a POST with `Content-Type: application/json` is JSON-RPC 2.0 to the same functions.
  bool json_rpc = true;

  /// Whether requests are logged. Source: Python `logRequests`.
  bool log_requests = true;

  /// Whether an internal error is shown to the client in `X-exception` and `X-traceback`. For
  /// hunting faults only. Source: Python `_send_traceback_header`.
  bool send_traceback_header = false;
};

}  // namespace socketserver
