#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <socketserver/base/error.hpp>
#include <socketserver/xmlrpc/client_url.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "require.hpp"

namespace xmlrpc = socketserver::xmlrpc;

namespace {

/// What is taken for a URL must not be able to leave the first line of a request, or its field.
bool is_clean(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return false;
  }
  return true;
}

void check(const xmlrpc::ClientURL& url, std::string_view text) {
  require(!url.handler.empty() && is_clean(url.handler), "the target is one word");
  require(!url.authority.empty() && is_clean(url.authority), "the host is one word");
  require(url.unix_socket.has_value() == url.host.empty(), "a host or a socket");
  require(url.port >= 1 && url.port <= 65535, "the port is one");
  require(url.handler == "/RPC2" || text.ends_with(url.handler), "the target is as written");
  require(url.name.ends_with(url.place() + url.handler), "the name says where and what");
  require(url.name.starts_with("***@") == url.credentials.has_value() ||
              url.authority.starts_with("***@"),
          "credentials are masked");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::optional<xmlrpc::ClientURL> url;
  try {
    url = xmlrpc::parse_client_url(text);
  } catch (const socketserver::OSError&) {
    return 0;
  } catch (const std::invalid_argument&) {
    return 0;
  }
  check(*url, text);
  return 0;
}
