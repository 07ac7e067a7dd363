#pragma once

#include <string>

#include <socketserver/http/proto/headers.hpp>
#include <socketserver/xmlrpc/codec/fault.hpp>

namespace socketserver::xmlrpc {

/// An answer of a server whose status is not 200: the call has not been taken. Redirects are not
/// followed.
///
/// `what()` is `<ProtocolError for localhost:8000/RPC2: 404 Not Found>`.
/// Differs from Python: credentials in the URL are masked.
/// Source: Python `xmlrpc.client.ProtocolError`.
class ProtocolError : public Error {
 public:
  /// The members of Python's class, in its order.
  ProtocolError(std::string url, int errcode, std::string errmsg, http::Headers headers);

  /// Where, without the scheme: "localhost:8000/RPC2".
  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] int errcode() const noexcept { return errcode_; }               ///< The status.
  [[nodiscard]] const std::string& errmsg() const noexcept { return errmsg_; }  ///< The reason.
  [[nodiscard]] const http::Headers& headers() const noexcept {
    return headers_;
  }  ///< Of the answer.

 private:
  std::string url_;
  int errcode_;
  std::string errmsg_;
  http::Headers headers_;
};

}  // namespace socketserver::xmlrpc
