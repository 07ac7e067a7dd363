#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/matrix/shared.hpp"

namespace socketserver::matrix {

/// Something that happened, and who did it.
struct Note {
  std::string what;
  pid_t process = 0;
  pid_t thread = 0;  // as the kernel numbers it
};

/// What servers and handlers note, whatever thread or process they run in; and what a test tells
/// them to fail at.
///
/// Thread safety: every member from any thread and from forked children.
class Journal {
 public:
  /// Notes that the caller does `what`, of at most 31 bytes. Lock-free.
  void add(std::string_view what) noexcept;

  /// As `add`; throws std::runtime_error when `must_fail(what)`.
  void enter(std::string_view what);

  /// Makes the next `what` fail.
  ///
  /// @param what  a string that lives as long as the program.
  void fail_next(const char* what) noexcept { shared_->failing = what; }

  /// Whether `fail_next(what)` was said and nobody has failed for it yet.
  bool must_fail(std::string_view what) noexcept;

  std::vector<Note> notes() const;

  /// How often `what` was noted.
  int count(std::string_view what) const;

  /// Waits until `what` was noted `times` times in all.
  void wait_for(std::string_view what, int times = 1) const;

 private:
  static constexpr std::size_t kCapacity = 4096;

  struct Entry {
    std::array<char, 32> what{};
    pid_t process = 0;
    pid_t thread = 0;
    std::atomic<bool> complete{false};
  };
  struct Entries {
    std::atomic<std::size_t> begun{0};
    std::array<Entry, kCapacity> all;
    std::atomic<const char*> failing{nullptr};
  };

  Shared<Entries> shared_;
};

/// Something that handlers wait for, in whatever thread, fiber or process they run.
class Gate {
 public:
  void open() noexcept { *open_ = true; }

  /// Waits until the gate is open; gives up in silence after the patience of the test kit.
  void pass() const;

 private:
  Shared<std::atomic<bool>> open_;
};

}  // namespace socketserver::matrix
