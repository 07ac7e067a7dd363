#pragma once

#include <array>
#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

namespace socketserver::faults {

/// The calls that the interposer counts, and has fail when a plan says so.
enum class Call : std::uint8_t {
  accept4,
  bind,
  chmod,
  close,
  connect,
  epoll_create1,
  epoll_ctl,
  epoll_wait,
  eventfd,
  fchmod,
  fcntl,
  fork,
  fstat,
  fsync,
  getsockname,
  getsockopt,
  linkat,
  listen,
  lstat,
  madvise,
  mkdirat,
  mmap,
  mprotect,
  open,
  openat,
  opendir,
  operator_new,
  pidfd_open,
  poll,
  pread,
  pthread_create,
  pwrite,
  recv,
  recvfrom,
  recvmsg,
  renameat,
  renameat2,
  send,
  sendfile,
  sendmsg,
  sendto,
  setsockopt,
  shutdown,
  socket,
  unlink,
  waitid,
  writev,
};
inline constexpr std::size_t kCalls = static_cast<std::size_t>(Call::writev) + 1;

std::string_view name_of(Call call) noexcept;

/// A set of calls.
class Calls {
 public:
  Calls(Call call) { bits_.set(static_cast<std::size_t>(call)); }
  Calls(std::initializer_list<Call> calls) {
    for (const Call call : calls) bits_.set(static_cast<std::size_t>(call));
  }
  bool contains(Call call) const noexcept { return bits_[static_cast<std::size_t>(call)]; }
  bool overlaps(const Calls& other) const noexcept { return (bits_ & other.bits_).any(); }

 private:
  std::bitset<kCalls> bits_;
};

/// Which calls go wrong, and how: those from the `first` to the `last`, or every `every`-th of
/// them, counted from 1 for each kind of call by itself, over all threads and processes.
struct Plan {
  static constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();
  static constexpr unsigned kNoEnd = std::numeric_limits<unsigned>::max();

  Calls calls = {};

  /// What they fail with, without having done anything (`close` closes all the same). 0: they do
  /// not fail.
  int error = 0;

  /// The most bytes that one of them moves, on streams.
  std::size_t most = kAnySize;

  unsigned first = 1;
  unsigned last = kNoEnd;
  unsigned every = 1;

  bool strikes_at(unsigned count) const noexcept {
    return count >= first && count <= last && (count - first) % every == 0;
  }
  std::string text() const;
};

/// The plan that fails the `n`-th of each of `calls`, or `times` of them from that on.
Plan failing(const Calls& calls, int error, unsigned n, unsigned times = 1);

/// How often each call was made.
struct Counts {
  std::array<std::atomic<unsigned>, kCalls> all{};

  std::atomic<unsigned>& operator[](Call call) { return all[static_cast<std::size_t>(call)]; }
  unsigned operator[](Call call) const { return all[static_cast<std::size_t>(call)]; }
};

/// What a process and its descendants share: the plan, and what has come of it.
struct Course {
  Plan plan;
  Counts counts;
  std::atomic<unsigned> struck{0};      ///< How many calls went wrong as planned.
  std::atomic<unsigned> bad_closes{0};  ///< Descriptors that were closed twice.

  /// How much the clocks are ahead, in nanoseconds. May change at any time.
  std::atomic<std::int64_t> wall_clock{0};
  std::atomic<std::int64_t> steady_clock{0};
};

/// From now on the calls of this process and those that it forks count, and `course.plan` holds.
/// Without this call, and before it, everything is as if there was no interposer.
void arm(Course& course) noexcept;

/// The reverse.
void disarm() noexcept;

/// The calls of this thread do not count, for a scope.
class Spared {
 public:
  Spared() noexcept;
  Spared(const Spared&) = delete;
  Spared& operator=(const Spared&) = delete;
  ~Spared();

 private:
  const bool before_;
};

}  // namespace socketserver::faults
