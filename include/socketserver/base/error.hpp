#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace socketserver {

/// A job that the operating system did not do: bind, listen, open, read, write.
///
/// `what()` names the operation and its object: "bind 127.0.0.1:80: Permission denied".
/// Source: Python `OSError`.
class OSError : public std::system_error {
 public:
  /// `action` is the operation with its object, such as "bind 127.0.0.1:80".
  OSError(std::error_code code, const std::string& action) : std::system_error(code, action) {}
};

/// An operation that was not done by its deadline; `code()` is `std::errc::timed_out`.
///
/// Source: Python `TimeoutError`.
class TimeoutError : public OSError {
 public:
  /// @param action  what took too long, as `what()` begins.
  explicit TimeoutError(const std::string& action)
      : OSError(std::make_error_code(std::errc::timed_out), action) {}
};

/// Thrown by a handler to end the server: `handle_error` is not called, the request is closed, and
/// the exception leaves `serve_forever()` (or, under a concurrent engine, ends only its worker).
///
/// Not a `std::exception`, so that `catch (const std::exception&)` lets it pass.
/// Source: Python `SystemExit`.
struct SystemExit {
  int status = 0;  ///< The exit status that the program should end with.
};

/// Leaves `serve_forever()` after a signal that `StopOnSignals` watches. Not a `std::exception`.
///
/// Source: Python `KeyboardInterrupt`.
struct KeyboardInterrupt {
  int signal = 0;  ///< The number of the signal that came.
};

/// The calling thread's `errno` as an error code.
std::error_code last_error() noexcept;

/// Throws `TimeoutError` for `std::errc::timed_out`, else `OSError`, both naming `action`.
[[noreturn]] void throw_os_error(std::error_code code, std::string_view action);

}  // namespace socketserver
