#pragma once

#include <array>
#include <cstddef>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver::detail {

/// Lets one flow wait for several descriptors at once under any engine: an epoll instance, which is
/// itself a descriptor that a Waiter can wait for.
///
/// Thread safety: one flow.
/// Lifetime: borrows the waiter and the descriptors; a descriptor is removed before it is closed.
class WaitSet {
 public:
  static constexpr std::size_t kMost = 8;  ///< So many descriptors at a time.

  /// What a descriptor is waited for; something broken ends the wait whatever is wanted.
  struct Interests {
    bool read = false;
    bool write = false;
    bool operator==(const Interests&) const = default;
  };

  /// What the last `wait` has found.
  struct Readiness {
    bool readable = false;  ///< Or at its end.
    bool writable = false;
    bool broken = false;  ///< The other side is gone.
  };

  /// @throws OSError "epoll_create1".
  explicit WaitSet(Waiter& waiter);
  WaitSet(const WaitSet&) = delete;
  WaitSet& operator=(const WaitSet&) = delete;
  ~WaitSet();

  /// Waits for `fd` from now on, which joins the set unless it is in it.
  ///
  /// @throws OSError "epoll_ctl".
  void want(int fd, Interests interests);

  /// Takes `fd` out of the set, if it is in it.
  void remove(int fd) noexcept;

  /// Waits until any of them is ready; as Waiter::wait for a flow that is not idle.
  std::error_code wait(Deadline deadline);

  Readiness ready(int fd) const noexcept;

 private:
  struct Member {
    int fd = -1;
    Interests interests;
    Readiness ready;
  };

  Member* find(int fd) noexcept;
  bool look();

  Waiter& waiter_;
  const UniqueFd epoll_;
  std::array<Member, kMost> members_;
};

}  // namespace socketserver::detail
