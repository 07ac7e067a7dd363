// The input is what a client sends. Whatever it is, the result must not depend on how it was cut,
// and a head that is accepted must mean one thing only.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/request_parser.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;
using Status = http::RequestParser::Status;

namespace {

bool same_head(const http::RequestHead& a, const http::RequestHead& b) {
  return a.requestline == b.requestline && a.method == b.method && a.target == b.target &&
         a.path == b.path && a.version == b.version && a.version_major == b.version_major &&
         a.version_minor == b.version_minor && a.headers.text() == b.headers.text() &&
         a.framing == b.framing && a.content_length == b.content_length &&
         a.keep_alive == b.keep_alive && a.expect_continue == b.expect_continue;
}

void check_complete(const http::RequestHead& head) {
  require(!head.method.empty() && !head.target.empty(), "method and target are known");
  require(!head.path.starts_with("//"), "no path looks like an authority");
  require(head.version_major < 2, "the version is one that we speak");
  require(!head.at_least(1, 1) || head.headers.get_all("host").size() == 1, "1.1 has one Host");
  require(head.headers.get_all("host").size() <= 1, "there are never two Hosts");
  require(head.content_length <= INT64_MAX, "lengths are 63 bits");

  const bool encoded = head.headers.contains("transfer-encoding");
  const bool has_length = head.headers.contains("content-length");
  require(encoded == (head.framing == http::Framing::chunked), "an encoding is never ignored");
  require(has_length == (head.framing == http::Framing::length), "a length is never ignored");

  for (const auto [name, value] : head.headers) {
    require(http::is_token(name), "names are tokens");
    const bool clean = std::all_of(value.begin(), value.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return c == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
    require(clean, "values have no control characters");
  }
}

/// A head that was accepted and is written out again must be understood as the same.
void check_round_trip(const http::RequestHead& head, http::HeadLimits limits) {
  // Writing "Name: value\r\n" may take more bytes than the peer's "Name:value\n" did.
  limits.header_bytes += 3 * limits.header_count;
  limits.request_line_bytes += 2;
  const std::string raw = head.requestline + "\r\n" + std::string(head.headers.text()) + "\r\n";
  http::RequestParser parser(limits);
  require(parser.parse(raw) == Status::complete, "written out, a head is accepted again");
  require(same_head(parser.head(), head), "written out, a head means the same");
}

void check_failed(const http::ParseError& error) {
  const bool silent = error.fault == http::Fault::blank_line;
  require(error.fault != http::Fault::none, "a failure has a reason");
  require(silent == (error.status == 0), "only a blank line is not answered");
  require(silent || error.status == 400 || error.status == 414 || error.status == 431 ||
              error.status == 501 || error.status == 505,
          "the status is one of a few");
  const bool printable = std::all_of(error.message.begin(), error.message.end(),
                                     [](char c) { return c >= ' ' && c <= '~'; });
  require(printable, "messages are printable ASCII");
}

void check(std::string_view raw, http::HeadLimits limits) {
  http::RequestParser whole(limits);
  const Status status = whole.parse(raw);

  http::RequestParser bytewise(limits);
  Status bytewise_status = Status::need_more;
  std::size_t fed = 0;
  while (bytewise_status == Status::need_more && fed < raw.size()) {
    bytewise_status = bytewise.parse(raw.substr(0, ++fed));
  }

  require(bytewise_status == status, "the status does not depend on cuts");
  require(same_head(whole.head(), bytewise.head()), "the head does not depend on cuts");
  require(whole.error().fault == bytewise.error().fault, "the fault does not depend on cuts");
  require(whole.error().message == bytewise.error().message, "nor does its message");
  require(whole.started() == bytewise.started(), "nor does whether a request began");
  require(whole.head().headers.size() <= limits.header_count, "the number of headers is bounded");

  if (status == Status::complete) {
    require(whole.consumed() == fed, "a head is complete with its last byte, not later");
    require(raw[fed - 1] == '\n', "a head ends with a line");
    check_complete(whole.head());
    check_round_trip(whole.head(), limits);
  } else if (status == Status::failed) {
    check_failed(whole.error());
  }

  whole.reset();
  require(!whole.started() && same_head(whole.head(), {}), "reset forgets everything");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  check(raw, {});
  check(raw, {.request_line_bytes = 40, .header_bytes = 60, .header_count = 3});
  return 0;
}
