#include <socketserver/http/proto/same_origin.hpp>

#include <algorithm>
#include <string_view>

namespace socketserver::http {
namespace {

/// "host:port" of an origin, its scheme's own port left out; "" for what is none.
std::string_view authority_of(std::string_view origin) {
  std::string_view port;
  if (origin.starts_with("http://")) port = ":80";
  if (origin.starts_with("https://")) port = ":443";
  if (port.empty()) return {};
  origin.remove_prefix(origin.find("//") + 2);
  if (origin.ends_with(port)) origin.remove_suffix(port.size());
  return origin;
}

bool is_host_of(std::string_view host, std::string_view origin) {
  const std::string_view wanted = authority_of(origin);
  if (wanted.empty()) return false;
  const std::string_view port = origin.starts_with("https://") ? ":443" : ":80";
  if (host.ends_with(port)) host.remove_suffix(port.size());
  return iequals(host, wanted);
}

}  // namespace

bool is_cross_origin(const Headers& request) {
  const auto sites = request.get_all("Sec-Fetch-Site");
  const auto origins = request.get_all("Origin");
  if (!sites.empty()) {
    return std::ranges::any_of(
        sites, [](std::string_view site) { return site != "same-origin" && site != "none"; });
  }
  return std::ranges::any_of(
      origins, [&](std::string_view origin) { return !is_host_of(request["Host"], origin); });
}

}  // namespace socketserver::http
