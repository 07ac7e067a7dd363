#pragma once

#include <poll.h>

#include <cerrno>

#include <span>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver::detail {

constexpr short poll_events(Interest interest) noexcept {
  return interest == Interest::read ? POLLIN : POLLOUT;
}

/// poll(2) until one of the entries has something to say or the deadline passes.
///
/// @return `std::errc::timed_out`, or `std::errc::interrupted` when a signal came and
///         `return_on_signal` asks to hear of it.
inline std::error_code poll_until(std::span<pollfd> entries, Deadline deadline,
                                  bool return_on_signal = false) noexcept {
  for (;;) {
    const int ready = ::poll(entries.data(), entries.size(), deadline.poll_timeout());
    if (ready > 0) return {};
    if (ready == 0) {
      // A span longer than poll's int has not passed yet.
      if (deadline.expired()) return std::make_error_code(std::errc::timed_out);
      continue;
    }
    if (errno != EINTR) return {errno, std::system_category()};
    if (return_on_signal) return std::make_error_code(std::errc::interrupted);
  }
}

}  // namespace socketserver::detail
