// The input is what a script writes. Whatever it is, the result must not depend on how it was cut,
// and nothing of an accepted head may break the response that it becomes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/cgi_head.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;
using Status = http::CGIHeadParser::Status;

namespace {

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c != '\t' && (byte < 0x20 || byte == 0x7f);
  });
}

void check_complete(const http::CGIHead& head) {
  require(head.status >= 200 && head.status <= 599, "the status ends a request");
  require(is_clean(head.reason), "the reason stays in its line");
  require(head.headers.get_all("Content-Length").size() == (head.content_length ? 1 : 0),
          "one length or none");
  require(head.local_redirect.empty() || head.local_redirect.front() == '/',
          "a local redirect is a path");
  for (const char* name : {"Transfer-Encoding", "Connection", "Status", "Date"}) {
    require(!head.headers.contains(name), "what is the server's business is not there");
  }
  for (const auto [name, value] : head.headers) {
    require(http::is_token(name) && is_clean(value), "fields stay in their lines");
  }
}

void check(std::string_view raw, http::HeadLimits limits) {
  http::CGIHeadParser whole(limits);
  const Status status = whole.parse(raw);

  http::CGIHeadParser bytewise(limits);
  Status bytewise_status = bytewise.parse({});
  std::size_t fed = 0;
  while (bytewise_status == Status::need_more && fed < raw.size()) {
    bytewise_status = bytewise.parse(raw.substr(0, ++fed));
  }
  require(bytewise_status == status, "the status does not depend on cuts");
  require(whole.error() == bytewise.error(), "nor does the error");
  require(whole.head().status == bytewise.head().status, "nor does the head");
  require(whole.head().headers.text() == bytewise.head().headers.text(), "nor do its fields");
  require(whole.head().headers.size() <= limits.header_count, "the number of fields is bounded");
  require((status == Status::failed) == !whole.error().empty(), "only a failure has an error");
  if (status != Status::complete) return;
  require(whole.consumed() == fed, "a head is complete with its last byte, not later");
  require(fed <= limits.header_bytes + 2, "its size is bounded");
  check_complete(whole.head());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  check(raw, {});
  check(raw, {.header_bytes = 40, .header_count = 3});
  return 0;
}
