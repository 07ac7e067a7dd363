#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>

namespace socketserver::tool {

/// How often a client may ask: a bucket that holds `burst` requests and gets a new one every
/// `interval`.
struct Rate {
  Duration interval = {};
  std::uint64_t burst = 1;
};

/// Reads a value of the option `name`: "10/s", "600/m", "1000/h", and behind it ",burst=50". Unless
/// that says otherwise, what a span allows may come at once.
///
/// @throws CLI::ValidationError.
Rate parse_rate(const std::string& name, std::string_view text);

/// Counts how often each client asks, and tells those apart who ask too often.
///
/// A client is an IPv4 address, or the first 64 bits of an IPv6 one, for whoever has such an
/// address mostly has them all. Clients of a Unix socket have none, and may always ask.
///
/// The memory is of a fixed size, whoever asks: when there are too many clients, those are
/// forgotten that have waited the longest for their share, and may begin anew. Where a client is
/// kept is a secret of the process, so that none can have another one forgotten on purpose.
///
/// Child processes that are forked later count together with this one.
///
/// Thread safety: all of it.
class RateLimit {
 public:
  using Time = Deadline::Clock::time_point;

  /// @param most_clients  how many are remembered, about.
  /// @throws OSError when there is no memory.
  explicit RateLimit(Rate rate, std::size_t most_clients = kMostClients);
  ~RateLimit();

  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;

  /// Counts a request of `client`. Zero: it may be served. Otherwise how long the client must wait
  /// before one may; then it is not counted.
  Duration count(const Address& client, Time now);

 private:
  static constexpr std::size_t kMostClients = 65'536;  // a megabyte

  struct Table;
  struct Unmap {
    std::size_t size;
    void operator()(Table* table) const noexcept;
  };
  static std::unique_ptr<Table, Unmap> map_table(std::size_t sets);

  const Rate rate_;
  const std::size_t sets_;
  const std::uint64_t secret_;
  const std::unique_ptr<Table, Unmap> table_;
};

}  // namespace socketserver::tool
