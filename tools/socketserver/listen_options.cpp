#include "listen_options.hpp"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include <socketserver/server/inherited_sockets.hpp>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

constexpr const char* kBind = "--bind";
constexpr const char* kDefaultPort = "8000";

/// What several `--bind` come to.
struct Places {
  std::vector<Address> addresses;
  std::vector<int> inherited;
  std::optional<unsigned> socket_mode;
};

/// The part of `text` behind `prefix`, if it begins so.
std::optional<std::string_view> behind(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

/// "/run/web,mode=0660", or "@" and an abstract name.
void add_unix(Places& places, std::string_view text) {
  constexpr std::string_view kMode = ",mode=";
  const std::size_t comma = text.rfind(kMode);
  const std::string_view name = text.substr(0, comma);
  if (comma != text.npos) {
    const std::string_view digits = text.substr(comma + kMode.size());
    constexpr unsigned kMost = 0777;
    unsigned mode = 0;
    const auto [stop, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
    if (ec != std::errc{} || stop != digits.data() + digits.size() || mode > kMost) {
      throw CLI::ValidationError(kBind,
                                 "mode must be octal, such as 0660, not " + in_quotes(digits));
    }
    if (places.socket_mode.value_or(mode) != mode) {
      throw CLI::ValidationError(kBind, "all Unix sockets must have the same mode");
    }
    places.socket_mode = mode;
  }
  const bool is_abstract = name.starts_with('@');
  if (name.size() <= (is_abstract ? 1 : 0)) {
    throw CLI::ValidationError(kBind, "unix: needs a path or @name behind it");
  }
  places.addresses.push_back(is_abstract ? Address::unix_abstract(name.substr(1))
                                         : Address::unix_path(name));
}

void add_inherited(Places& places, int fd) {
  if (std::ranges::find(places.inherited, fd) != places.inherited.end()) {
    throw CLI::ValidationError(kBind, "descriptor " + std::to_string(fd) + " is given twice");
  }
  places.inherited.push_back(fd);
}

/// A descriptor that the parent of this process has opened: somebody listens on it already, or will
/// when the server does.
void add_descriptor(Places& places, std::string_view text) {
  constexpr std::uint64_t kMost = 1'000'000;
  const int fd = static_cast<int>(parse_number("--bind fd:", text, 0, kMost));
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
    throw CLI::ValidationError(kBind, "descriptor " + std::string(text) + " is not open");
  }
  add_inherited(places, fd);
}

/// The sockets of the service manager, or those with a name.
void add_systemd(Places& places, std::optional<std::string_view> name) {
  bool found = false;
  for (const InheritedSocket& socket : inherited_sockets()) {
    if (name && socket.name != *name) continue;
    add_inherited(places, socket.fd);
    found = true;
  }
  if (found) return;
  throw CLI::ValidationError(kBind, "the service manager has handed over no socket" +
                                        (name ? " named " + in_quotes(*name) : std::string()));
}

void add_ip(Places& places, const std::string& text, int port) {
  // An address is no name of an interface, and need not be looked for among those.
  const bool is_literal = text.find_first_of(".:") != text.npos;
  if (!is_literal) {
    for (Address& address : interface_addresses(text, port)) {
      places.addresses.push_back(std::move(address));
    }
    if (!places.addresses.empty()) return;
  }
  places.addresses.push_back(bind_address(text, port));
}

void add_place(Places& places, const std::string& text, int port) {
  if (const auto name = behind(text, "unix:")) return add_unix(places, *name);
  if (const auto number = behind(text, "fd:")) return add_descriptor(places, *number);
  if (const auto name = behind(text, "systemd:")) return add_systemd(places, *name);
  if (text == "systemd") return add_systemd(places, std::nullopt);
  Places found;
  add_ip(found, text, port);
  std::ranges::move(found.addresses, std::back_inserter(places.addresses));
}

bool is_unix_socket(int fd) {
  sockaddr_storage raw{};
  socklen_t length = sizeof raw;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &length) == 0 &&
         raw.ss_family == AF_UNIX;
}

}  // namespace

ListenOptions::ListenOptions(CLI::App& command, const std::string& usual) {
  add_repeatable(command, "-p,--port", ports_, "Port; 0 lets the system choose, and prints it")
      ->type_name("N")
      ->default_str(kDefaultPort);
  add_repeatable(command, "-b,--bind", binds_,
                 "IP address, host, interface, unix:/path[,mode=0660], fd:N, systemd[:name]; " +
                     usual + " unless given; may come again")
      ->type_name("ADDR");
}

Address ListenOptions::apply(ServerOptions& options, const std::string& usual) const {
  const std::uint16_t port = parse_port(only_value("port", ports_, kDefaultPort));
  Places places;
  for (const std::string& bind : binds_) add_place(places, bind, port);
  if (binds_.empty()) places.addresses.emplace_back(usual, port);
  require_different(places.addresses);

  options.socket_mode = places.socket_mode;
  options.unlink_on_close = true;
  options.replace_stale_socket = true;
  if (places.inherited.empty()) {
    const Address first = places.addresses.front();
    options.more_addresses.assign(places.addresses.begin() + 1, places.addresses.end());
    return first;
  }
  // An inherited socket is the first one, whose address nobody asks for.
  options.inherited_fd = places.inherited.front();
  options.more_inherited_fds.assign(places.inherited.begin() + 1, places.inherited.end());
  options.more_addresses = std::move(places.addresses);
  return {"", port};
}

bool has_only_unix_sockets(const Address& address, const ServerOptions& options) {
  const auto is_unix = [](const Address& each) {
    return each.family() == AddressFamily::unix_domain;
  };
  return (options.inherited_fd ? is_unix_socket(*options.inherited_fd) : is_unix(address)) &&
         std::ranges::all_of(options.more_inherited_fds, is_unix_socket) &&
         std::ranges::all_of(options.more_addresses, is_unix);
}

Address bind_address(const std::string& host, int port) {
  const std::size_t colon = host.rfind(':');
  if (colon != host.npos && is_number(host.substr(colon + 1))) {
    const std::string rest = host.substr(0, colon);
    // An IPv6 address has more colons.
    if (rest.find(':') == rest.npos || rest.ends_with(']')) {
      const std::string bind = rest.empty() ? "" : "-b " + rest + ' ';
      throw CLI::ValidationError(kBind, in_quotes(host) + " has a port, which is said by -p: " +
                                            bind + "-p " + host.substr(colon + 1));
    }
  }
  return {host, port};
}

void require_different(const std::vector<Address>& addresses) {
  for (auto address = addresses.begin(); address != addresses.end(); ++address) {
    if (std::find(addresses.begin(), address, *address) == address) continue;
    const bool is_ip = address->family() != AddressFamily::unix_domain;
    throw CLI::ValidationError(
        kBind, (is_ip ? address->host() : address->to_string()) + " is given twice");
  }
}

std::string only_value(const char* name, const std::vector<std::string>& given,
                       const char* fallback) {
  if (given.empty()) return fallback;
  const auto other =
      std::ranges::find_if(given, [&](const std::string& value) { return value != given.front(); });
  if (other == given.end()) return given.front();
  throw CLI::ValidationError(
      name, "given twice, as " + in_quotes(given.front()) + " and as " + in_quotes(*other));
}

std::vector<Address> interface_addresses(const std::string& name, int port) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) < 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  std::vector<Address> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || name != entry->ifa_name) continue;
    if (entry->ifa_addr->sa_family == AF_INET) {
      sockaddr_in raw{};
      std::memcpy(&raw, entry->ifa_addr, sizeof raw);
      std::array<std::uint8_t, 4> bytes{};
      std::memcpy(bytes.data(), &raw.sin_addr, bytes.size());
      addresses.push_back(Address::ipv4(bytes, static_cast<std::uint16_t>(port)));
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 raw{};
      std::memcpy(&raw, entry->ifa_addr, sizeof raw);
      std::array<std::uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), &raw.sin6_addr, bytes.size());
      addresses.push_back(
          Address::ipv6(bytes, static_cast<std::uint16_t>(port), 0, raw.sin6_scope_id));
    }
  }
  return addresses;
}

}  // namespace socketserver::tool
