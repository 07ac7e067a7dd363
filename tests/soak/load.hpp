#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>

#include "bench/load/histogram.hpp"

namespace socketserver::soak {

/// Clients of an echo server, each on a thread of its own, of every kind: some come for one line,
/// or packet, some stay for a thousand, some send much, some leave in the middle or without a word.
///
/// Thread safety: one thread.
/// Lifetime: the destructor ends the clients.
class Load {
 public:
  /// @param type What the server takes: lines over connections, or packets.
  Load(Address server, SocketType type, unsigned clients);
  ~Load() { end(); }

  /// Requests that were answered.
  std::uint64_t requests() const noexcept { return requests_; }

  /// How long short lines took to come back since the last call.
  bench::Histogram take_latencies();

  /// Whether a client was not served as it should have been.
  bool failed() const noexcept { return failed_; }

  /// Ends the clients.
  ///
  /// @throws what a client met with.
  void finish();

 private:
  void end() noexcept;
  void run(unsigned seed) noexcept;
  void connect(unsigned kind);
  void exchange_lines(unsigned times, std::size_t size);
  void send_packets(unsigned kind);
  void exchange_packets(unsigned times, std::size_t size);
  void answered(Deadline::Clock::time_point sent, std::size_t size);

  const Address server_;
  const SocketType type_;
  std::atomic<bool> ending_{false};
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> requests_{0};
  std::mutex mutex_;
  std::exception_ptr failure_;  // guarded by mutex_
  bench::Histogram latencies_;  // guarded by mutex_
  std::vector<std::jthread> clients_;
};

}  // namespace socketserver::soak
