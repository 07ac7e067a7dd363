#include <socketserver/http/misdirected.hpp>

#include <algorithm>

#include <socketserver/net/network.hpp>

namespace socketserver::http {
namespace {

bool is_loopback(const Address& address) {
  static const Network v4 = *Network::parse("127.0.0.0/8");
  static const Network v6 = *Network::parse("::1");
  return v4.contains(address) || v6.contains(address);
}

/// The name in a `Host` field: without port, and without the dot that may end it.
std::string_view name_in(std::string_view host) {
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool names_this_machine(std::string_view host, std::span<const std::string> hosts) {
  if (host.empty() || host.starts_with('[')) return true;  // an IPv6 address
  const std::string_view name = name_in(host);
  constexpr std::string_view kLocal = "localhost";
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const bool is_address = name.find('/') == name.npos && Network::parse(name).has_value();
  if (is_address || iequals(last, kLocal)) return true;
  return std::ranges::any_of(hosts, [name](const std::string& allowed) {
    return allowed == "*" || iequals(allowed, name);
  });
}

}  // namespace

bool is_misdirected(const Headers& request, const Address& own,
                    std::span<const std::string> hosts) {
  if (!is_loopback(own)) return false;
  return !std::ranges::all_of(request.get_all("Host"), [hosts](std::string_view host) {
    return names_this_machine(host, hosts);
  });
}

}  // namespace socketserver::http
