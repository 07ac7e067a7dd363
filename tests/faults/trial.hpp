#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>

#include "tests/faults/cells.hpp"
#include "tests/faults/plan.hpp"
#include "tests/matrix/shared.hpp"

namespace socketserver::faults {

/// How long anything may take before it is a hang. Nothing healthy comes near it on any machine.
inline constexpr Duration kPatience = std::chrono::seconds(30);

/// A server in a process of its own, whose calls go wrong as planned.
///
/// The process has nothing but the server in it, so that what is there at its end and was not at
/// its beginning has leaked.
class Trial {
 public:
  /// Starts the server.
  ///
  /// @param directory  for the socket's file, and the files that are served.
  Trial(const Cell& cell, const Plan& plan, const std::string& directory);
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  /// Kills what is left of it.
  ~Trial();

  /// Waits until it listens; false when it has ended instead.
  bool wait_until_serving();

  /// Where it listens.
  Address address() const;

  const Cell& cell() const noexcept { return cell_; }

  /// Ends it in good order; what was wrong with its life or its end, "" when nothing.
  std::string end();

  /// Whether it ended with an exception: one that it may end with.
  bool has_refused() const { return shared_->thrown != Thrown::nothing; }

  unsigned struck() const { return shared_->course.struck; }
  const Counts& counts() const { return shared_->course.counts; }
  Course& course() { return shared_->course; }

  /// Requests that were answered so far.
  unsigned requests() const { return shared_->requests; }

  /// The server's process.
  pid_t pid() const noexcept { return pid_; }

 private:
  enum class Phase : std::uint8_t { starting, serving, stopping, ended };
  enum class Thrown : std::uint8_t { nothing, system_error, bad_alloc, other };

  struct State {
    Course course;
    std::atomic<unsigned> requests{0};
    std::atomic<Phase> phase{Phase::starting};
    std::atomic<std::uint16_t> port{0};
    std::atomic<unsigned> crashes{0};  // of the process or its descendants
    Thrown thrown = Thrown::nothing;
    int code = 0;
    std::array<char, 256> what{};
    unsigned requests_before = 0;  // before it was thrown
    int descriptors_left = 0;
    int threads_left = 0;
    bool handlers_left = false;  // of signals
    bool children_left = false;
    std::size_t growth = 0;  // in bytes
    bool memory_left = false;
  };

  [[noreturn]] void run() noexcept;
  void serve();
  void note(Thrown thrown, int code, const char* what) const noexcept;
  bool has_ended();
  void kill_all() noexcept;
  std::string problem_of_exception() const;

  const Cell& cell_;
  const std::string directory_;
  matrix::Shared<State> shared_;
  pid_t pid_ = 0;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace socketserver::faults
