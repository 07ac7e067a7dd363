#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <socketserver/http/base_handler.hpp>

namespace socketserver::http {

/// What a FastCGI application has to say beside its answer, for the log: line by line, and for one
/// request no more than an amount that does no harm.
///
/// Thread safety: one flow, that of the handler.
class FastCGIErrors {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{64} * 1024;  ///< Of one request.
  static constexpr std::size_t kLongestLine = 4096;                  ///< What is longer is cut.

  /// @param handler  whose log it is. Borrowed.
  /// @param author  what lines begin with. Borrowed.
  FastCGIErrors(BaseHTTPRequestHandler& handler, std::string_view author) noexcept
      : handler_(handler), author_(author) {}

  /// Logs the lines that are whole now.
  void take(std::string_view text);

  /// Logs what has no line end, for there is no more.
  void finish();

 private:
  void log_line();

  BaseHTTPRequestHandler& handler_;
  const std::string_view author_;
  std::string line_;
  std::size_t taken_ = 0;
};

}  // namespace socketserver::http
