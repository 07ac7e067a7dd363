#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver::detail {

/// Counts how many requests each IP address has, and refuses more than a limit.
///
/// Thread safety: `admit` from the serving thread; a request may end on any.
class ClientLimit {
 public:
  /// @param most  for one address; 0: any number, and nothing is counted.
  explicit ClientLimit(std::size_t most);
  ~ClientLimit();

  /// Whether there is room for the client. If so the request counts until it is closed.
  bool admit(Request& request, const Address& client);

  /// What to report of refusals, once a second at most.
  std::optional<std::string> report(const Address& client);

 private:
  struct Counts;
  const std::size_t most_;
  std::shared_ptr<Counts> counts_;
  std::size_t refused_ = 0;
  Deadline quiet_until_ = Deadline::after(Duration::zero());
};

}  // namespace socketserver::detail
