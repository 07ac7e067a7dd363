#pragma once

#include <string>
#include <string_view>

#include <socketserver/http/proto/headers.hpp>
#include <socketserver/testing/raw_client.hpp>

namespace socketserver::testing {

/// One response, taken apart.
struct Answer {
  std::string status_line;  ///< Without its line end: "HTTP/1.1 200 OK".
  int status = 0;
  http::Headers headers;
  std::string body;  ///< The transfer coding taken off.
};

/// Reads one response off a connection, as far as its framing says (RFC 9112 §6.3), and leaves what
/// follows. An interim response is one of its own.
///
/// @param method  of the request that it answers.
/// @throws std::runtime_error when what comes is no well-formed response.
Answer read_answer(RawClient& client, std::string_view method = "GET");

/// As above from the front of `wire`, all that a connection carried.
Answer take_answer(std::string& wire, std::string_view method = "GET");

/// The same bytes with the value of every `Date` replaced, for comparing.
std::string without_dates(std::string wire);

}  // namespace socketserver::testing
