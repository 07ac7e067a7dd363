#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <socketserver/net/address.hpp>
#include <socketserver/server/base_server.hpp>

#include "services.hpp"

namespace socketserver::tool {

/// `socketserver echo` and its like: serves one of the small services over the transport and by the
/// engine that the command line names, until a signal ends it.
class ServiceCommand {
 public:
  /// Adds the command to `program`, which from then on refers to this object. `service` is
  /// borrowed.
  ServiceCommand(CLI::App& program, const Service& service);

  ServiceCommand(const ServiceCommand&) = delete;
  ServiceCommand& operator=(const ServiceCommand&) = delete;

  /// Whether the command line that `program` has parsed asks for it.
  bool chosen() const { return command_->parsed(); }

  /// Serves, and returns the program's exit status when SIGINT or SIGTERM has come.
  ///
  /// @throws CLI::ParseError for arguments that make no sense; std::system_error when the address
  ///         cannot be had.
  int run() const;

 private:
  std::vector<Address> addresses() const;
  ServerOptions options() const;
  std::unique_ptr<BaseServer> make_server() const;
  std::string announcement(const BaseServer& server) const;

  const Service& service_;
  CLI::App* command_;

  // As given.
  bool datagrams_ = false;
  std::optional<std::string> unix_name_;
  std::vector<std::string> hosts_ = {"127.0.0.1"};
  std::vector<std::string> ports_;
  std::string place_;  // a port, too
  std::string engine_ = "fiber";
  std::string workers_;
  std::string max_connections_ = "10000";
  std::string max_per_ip_ = "0";
  std::string timeout_ = "60s";
};

}  // namespace socketserver::tool
