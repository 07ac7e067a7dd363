#pragma once

#include <cstddef>
#include <memory>

#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

#include "server/refusal_report.hpp"

namespace socketserver::detail {

/// Counts how many requests each client has, as `client_key` tells them apart, and refuses more
/// than a limit.
///
/// Thread safety: `admit` from the serving thread; a request may end on any.
class ClientLimit {
 public:
  /// @param most  for one address; 0: any number, and nothing is counted.
  explicit ClientLimit(std::size_t most);
  ~ClientLimit();

  /// Whether there is room for the client. If so the request counts until it is closed.
  bool admit(Request& request, const Address& client);

  RefusalReport& report() noexcept { return report_; }

 private:
  struct Counts;
  class Ticket;

  const std::size_t most_;
  std::shared_ptr<Counts> counts_;
  RefusalReport report_{"max_connections_per_ip"};
};

}  // namespace socketserver::detail
