#include "banner.hpp"

#include <net/if.h>

#include <cstdint>
#include <filesystem>
#include <memory>

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

/// The addresses of this machine that others may reach, for a port that is open on all of them.
std::vector<Address> reachable_addresses(std::uint16_t port) {
  std::vector<Address> addresses;
  const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> list(
      ::if_nameindex(), ::if_freenameindex);
  if (!list) return addresses;
  for (const struct if_nameindex* entry = list.get(); entry->if_index != 0; ++entry) {
    for (Address& address : interface_addresses(entry->if_name, port)) {
      // Of IPv6 a name is of more use than an address, and a link-local one of none.
      if (address.family() != AddressFamily::inet || is_loopback(address)) continue;
      addresses.push_back(std::move(address));
    }
  }
  return addresses;
}

}  // namespace

std::string network_url(const std::vector<Address>& addresses, const FileHandlerOptions& options) {
  for (const Address& address : addresses) {
    if (address.family() == AddressFamily::unix_domain || is_loopback(address)) continue;
    if (!address.is_unspecified()) return local_url(address, options);
    const auto reachable = reachable_addresses(address.port());
    if (!reachable.empty()) return local_url(reachable.front(), options);
  }
  return local_url(addresses.front(), options);
}

std::string friendly_announcement(const std::vector<Address>& addresses,
                                  const FileHandlerOptions& options) {
  std::string text = "Serving " + source_text(options) + "\n";
  for (const Address& address : addresses) {
    const std::string url = local_url(address, options);
    text += "\n  " + (url.empty() ? address.to_string() : url);
    if (!address.is_unspecified()) continue;
    for (const Address& reachable : reachable_addresses(address.port())) {
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
                                  : address.host() + " port " + std::to_string(address.port()) +
                                        " (" + local_url(address, options) + ')';
    text += (text.empty() ? "" : "\n") + ("Serving HTTP on " + where + " from ") +
            source_text(options) + " ...";
  }
  return text;
}

}  // namespace socketserver::tool
