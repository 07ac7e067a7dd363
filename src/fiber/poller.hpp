#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

#include <socketserver/base/unique_fd.hpp>
#include <socketserver/fiber/scheduler.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver::detail {

class Fiber;

/// One epoll instance and what is known of each descriptor.
///
/// A descriptor is registered once, by the first wait for it, edge-triggered and for both
/// directions, so that further waits cost no system call. What an edge said is kept until a wait
/// asks for it.
///
/// Thread safety: one thread at a time.
class Poller {
 public:
  struct Descriptor {
    /// Who waits, by direction.
    Fiber*& waiter(Interest interest) noexcept { return waiters[index(interest)]; }
    /// Whether an edge came that nobody waited for, by direction.
    bool& ready(Interest interest) noexcept { return edges[index(interest)]; }

    std::array<Fiber*, 2> waiters{};
    Scheduler::Sleeper* sleeper = nullptr;
    std::array<bool, 2> edges{};
    bool registered = false;    // for fibers
    bool always_ready = false;  // a file that epoll refuses: it never blocks
    bool ended = false;         // there is an end of the stream or an error to be read
    bool watched = false;
    /// How often its number has been forgotten; which file an event is about.
    std::uint16_t generation = 0;

    /// As new, for the next file of that number.
    void forget() noexcept {
      const std::uint16_t next = static_cast<std::uint16_t>(generation + 1);
      *this = {};
      generation = next;
    }

   private:
    static std::size_t index(Interest interest) noexcept {
      return static_cast<std::size_t>(interest);
    }
  };

  /// @throws OSError "epoll_create1".
  Poller();

  /// What is known of `fd`; null: nothing.
  Descriptor* find(int fd) noexcept {
    return static_cast<std::size_t>(fd) < table_.size() ? &table_[static_cast<std::size_t>(fd)]
                                                        : nullptr;
  }

  /// As `find`, with a new entry where there is none. Requires: not negative. References live until
  /// the next call.
  Descriptor& at(int fd) {
    if (Descriptor* const known = find(fd)) return *known;
    table_.resize(static_cast<std::size_t>(fd) + 1);
    return table_.back();
  }

  /// Sees to it that `at` has an entry to give; false when there is no memory for it.
  bool make_room(int fd) noexcept;

  /// One past the largest descriptor that `find` may find.
  int end() const noexcept { return static_cast<int>(table_.size()); }

  /// Makes `fd`, whose entry is `descriptor`, known to epoll for fibers.
  std::error_code enroll(int fd, Descriptor& descriptor) noexcept {
    return descriptor.registered ? std::error_code() : add(fd, descriptor);
  }

  /// Registers a descriptor of the loop's own, edge-triggered for reading; it gets no entry.
  ///
  /// @throws OSError "epoll_ctl".
  void add_bell(int fd);

  /// Registers `fd` level-triggered for reading.
  ///
  /// @throws OSError "watch descriptor 7".
  void watch(int fd);
  void unwatch(int fd) noexcept;

  /// Waits for events, at most `timeout` milliseconds, −1: for ever.
  ///
  /// @return the events until the next call, see `fd_of` and `is_stale`; none after a signal.
  /// @throws OSError "epoll_wait".
  std::span<const epoll_event> poll(int timeout);

  static int fd_of(const epoll_event& event) noexcept {
    return static_cast<int>(static_cast<std::uint32_t>(event.data.u64));
  }

  /// Whether an event is about a file that was forgotten, and not about what has its number now: a
  /// process that was forked meanwhile has a copy of it, and so it is still known to the system.
  bool is_stale(const epoll_event& event) noexcept { return event.data.u64 != tag(fd_of(event)); }

 private:
  std::error_code add(int fd, Descriptor& descriptor) noexcept;
  std::error_code control(int operation, int fd, unsigned events) noexcept;
  std::uint64_t tag(int fd) noexcept {
    const Descriptor* const known = find(fd);
    const std::uint64_t generation = known ? known->generation : 0;
    return generation << 32 | static_cast<std::uint32_t>(fd);
  }

  const UniqueFd epoll_;
  std::vector<Descriptor> table_;
  std::array<epoll_event, 128> events_{};
};

}  // namespace socketserver::detail
