#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/proto/request_parser.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

namespace socketserver::xmlrpc {

/// How a client calls: the names and defaults of Python's `ServerProxy` and `Transport`, and limits
/// of size and time, which Python has not.
struct ClientOptions {
  /// Of the documents that are sent. Text in a Value is always UTF-8.
  std::string encoding = "utf-8";

  /// Where to print what is sent and received, for people who look for a mistake; credentials are
  /// masked there. Borrowed. Null: nowhere.
  std::ostream* verbose = nullptr;

  bool allow_none = false;  ///< Send nil, an extension; else it is an error.
  bool allow_i8 = false;    ///< Send numbers beyond 32 bits, an extension; else they are an error.

  /// Fields that go with every request. One that the client would send by itself takes the place of
  /// that; those about framing (`Content-Length`, `Transfer-Encoding`, `Connection`) are refused.
  std::vector<std::pair<std::string, std::string>> headers = {};

  std::string user_agent = "socketserver-xmlrpc";  ///< As the servers' logs show it.

  bool accept_gzip_encoding = true;  ///< Let the server compress its answers.

  /// Requests larger than so many bytes are compressed. Absent: none is, for not every server can
  /// read them. Those that would be less than a fiftieth are sent as they are: this library's
  /// servers take them for bombs.
  std::optional<std::size_t> encode_threshold = std::nullopt;

  /// From the begin of a call to an established connection, where one is needed. Absent: no limit.
  /// Looking up a name is not cut short by it.
  std::optional<Duration> connect_timeout = std::chrono::seconds(10);

  /// From the begin of a call to the last byte of its answer, however busy it is. Absent: no limit.
  /// Raise it for methods that take long.
  std::optional<Duration> timeout = std::chrono::seconds(60);

  /// Of an answer. `bytes` bounds both what is received and what it decompresses to.
  LoadLimits limits = {.bytes = std::size_t{64} * 1024 * 1024};

  /// Of the head of an answer; `request_line_bytes` bounds its status line.
  http::HeadLimits head_limits = {};
};

}  // namespace socketserver::xmlrpc
