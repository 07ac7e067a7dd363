#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/net/address.hpp>
#include <socketserver/server/options.hpp>

namespace socketserver::tool {

/// Where only this machine can reach a server.
inline constexpr const char* kLoopback = "127.0.0.1";

/// The addresses of a server, as command lines give them: `--bind` and `--port`.
class ListenOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  ///
  /// @param usual  where the help says that is listened unless the user says where.
  explicit ListenOptions(CLI::App& command, const std::string& usual = "all interfaces");

  ListenOptions(const ListenOptions&) = delete;
  ListenOptions& operator=(const ListenOptions&) = delete;

  /// A port that was given in another way than by `--port`; both must be the same.
  void add_port(const std::string& port) { ports_.push_back(port); }

  /// Writes to `options` where to listen, and returns the address that a server is to be given
  /// beside them.
  ///
  /// @param usual  the address to listen on when the user has not said where; "": all interfaces.
  /// @throws CLI::ParseError for what makes no sense; OSError when a name cannot be looked up.
  Address apply(ServerOptions& options, const std::string& usual = "") const;

  /// Whether the user has said where.
  bool given() const { return !binds_.empty(); }

 private:
  std::vector<std::string> ports_;
  std::vector<std::string> binds_;
};

/// Whether a server of these, as `ListenOptions::apply` gives them, has no IP address, and hence no
/// URL.
bool has_only_unix_sockets(const Address& address, const ServerOptions& options);

/// An address to listen on, as `--bind` gives it.
///
/// @throws CLI::ValidationError when it has a port; OSError when a name cannot be looked up.
Address bind_address(const std::string& host, int port);

/// @throws CLI::ValidationError naming an address that is there twice.
void require_different(const std::vector<Address>& addresses);

/// The one value that was given, however often, or `fallback`.
///
/// @throws CLI::ValidationError naming two different ones.
std::string only_value(const char* name, const std::vector<std::string>& given,
                       const char* fallback);

/// The addresses of a network interface, "eth0"; none when no interface has that name.
std::vector<Address> interface_addresses(const std::string& name, int port);

}  // namespace socketserver::tool
