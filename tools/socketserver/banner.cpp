#include "banner.hpp"

#include <net/if.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>

#include <socketserver/base/error.hpp>
#include <socketserver/net/socket.hpp>

#include "listen_options.hpp"

namespace socketserver::tool {
namespace {

/// What is served, for people to read.
std::string source_text(const FileHandlerOptions& options) {
  const auto directory = std::filesystem::canonical(options.files.directory);
  return options.only_file.empty() ? directory.native() : (directory / options.only_file).native();
}

bool is_loopback(const Address& address) {
  return contains({*Network::parse("127.0.0.0/8"), *Network::parse("::1")}, address);
}

/// Only on its own link, and only together with the name of an interface.
bool is_link_local(const Address& address) {
  return contains({*Network::parse("fe80::/10")}, address);
}

/// Whether what listens on all interfaces has an IPv6 socket here.
bool has_ipv6() {
  try {
    Socket::open(AddressFamily::inet6, SocketType::stream);
    return true;
  } catch (const OSError&) {
    return false;
  }
}

/// The host to show for an address. Of both IP versions at once the library shows the IPv4 half.
std::string host_text(const Address& address) {
  return address.is_any_dual_stack() && has_ipv6() ? "::" : address.host();
}

/// The addresses of this machine that others may reach where `bound` is open on all of them, those
/// of IPv4 first.
std::vector<Address> reachable_addresses(const Address& bound) {
  const bool is_ipv6_too = bound.is_any_dual_stack() || bound.family() == AddressFamily::inet6;
  std::vector<Address> addresses;
  const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> list(
      ::if_nameindex(), ::if_freenameindex);
  if (!list) return addresses;
  for (const struct if_nameindex* entry = list.get(); entry->if_index != 0; ++entry) {
    for (Address& address : interface_addresses(entry->if_name, bound.port())) {
      if (is_loopback(address) || is_link_local(address)) continue;
      if (address.family() == AddressFamily::inet6 && !is_ipv6_too) continue;
      addresses.push_back(std::move(address));
    }
  }
  std::ranges::stable_partition(
      addresses, [](const Address& address) { return address.family() == AddressFamily::inet; });
  return addresses;
}

}  // namespace

std::string network_url(const std::vector<Address>& addresses, const FileHandlerOptions& options) {
  for (const Address& address : addresses) {
    if (address.family() == AddressFamily::unix_domain || is_loopback(address)) continue;
    if (!address.is_unspecified()) return local_url(address, options);
    const auto reachable = reachable_addresses(address);
    if (!reachable.empty()) return local_url(reachable.front(), options);
  }
  return browser_url(addresses, options);
}

std::string browser_url(const std::vector<Address>& addresses, const FileHandlerOptions& options) {
  for (const Address& address : addresses) {
    if (address.family() != AddressFamily::unix_domain) return local_url(address, options);
  }
  return {};
}

std::string friendly_announcement(const std::vector<Address>& addresses,
                                  const FileHandlerOptions& options) {
  std::string text = "Serving " + source_text(options) + "\n";
  for (const Address& address : addresses) {
    const std::string url = local_url(address, options);
    text += "\n  " + (url.empty() ? address.to_string() : url);
    if (!address.is_unspecified()) continue;
    for (const Address& reachable : reachable_addresses(address)) {
      text += "\n  " + local_url(reachable, options);
    }
  }
  return text + "\n\nCtrl-C stops it.\n";
}

std::string local_url(const Address& address, const FileHandlerOptions& options) {
  if (address.family() == AddressFamily::unix_domain) return {};
  const std::string authority = address.is_unspecified()
                                    ? "localhost:" + std::to_string(address.port())
                                    : address.to_string();
  return "http://" + authority + '/' + (options.route.empty() ? "" : options.route + '/');
}

std::string announcement(const std::vector<Address>& addresses, const FileHandlerOptions& options) {
  std::string text;
  for (const Address& address : addresses) {
    const std::string where = address.family() == AddressFamily::unix_domain
                                  ? address.to_string()
                                  : host_text(address) + " port " + std::to_string(address.port()) +
                                        " (" + local_url(address, options) + ')';
    text += (text.empty() ? "" : "\n") + ("Serving HTTP on " + where + " from ") +
            source_text(options) + " ...";
  }
  return text;
}

}  // namespace socketserver::tool
