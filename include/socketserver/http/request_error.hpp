#pragma once

#include <stdexcept>
#include <string>

namespace socketserver::http {

/// Ends a method with an error answer: thrown by a method, or by what it calls, it becomes
/// `send_error(status, …, what())` unless the response was begun already; then it is an error of
/// the handler like any other.
///
/// What reads a request throws it for what the client did wrong, and `what()` is for the person who
/// sees the page: never put there what the client should not know.
class RequestError : public std::runtime_error {
 public:
  /// @param status  400 to 599.
  /// @param explanation  one sentence for the page.
  /// @throws std::invalid_argument for any other status.
  RequestError(int status, const std::string& explanation)
      : std::runtime_error(explanation), status_(status) {
    if (status < 400 || status > 599) {
      throw std::invalid_argument("status " + std::to_string(status) + " is no error");
    }
  }

  int status() const noexcept { return status_; }  ///< What the client is told: 400 to 599.

 private:
  int status_;
};

}  // namespace socketserver::http
