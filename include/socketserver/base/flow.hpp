#pragma once

#include <socketserver/base/deadline.hpp>

namespace socketserver {

/// One flow of control, a thread or a fiber, as whatever blocks it sees it.
///
/// Everything in the library that makes its caller wait parks the current flow until another flow
/// unparks it: a thread then sleeps, a fiber lets its loop run others.
///
/// For the caller: a flow holds at most one permit. `unpark` leaves it, `park` takes it, and
/// permits may be left over from an earlier wait; so park in a loop that looks whether the awaited
/// thing has really happened.
/// For overriding: an engine derives the class of its fibers from it and keeps `exchange_current`
/// right at every switch.
/// Thread safety: `unpark` from any thread, the rest only from the flow itself.
/// Lifetime: a thread's own flow lives as long as the thread. Whoever unparks makes sure that the
/// flow exists until `unpark` returns.
class Flow {
 public:
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  /// Blocks this flow until there is a permit, and takes it; a permit that is there already makes
  /// it return at once, even past the deadline. Must not throw: whoever parks stands on lists.
  ///
  /// @return false when the deadline came first.
  virtual bool park(Deadline deadline) = 0;

  /// Leaves a permit, which ends a `park` under way or the next one.
  virtual void unpark() noexcept = 0;

  /// Whether this is a thread's own flow, which may block in any system call: that stops nobody
  /// else.
  virtual bool is_thread() const noexcept { return false; }

  /// The fiber that runs on this thread, else the thread's own flow.
  static Flow& current() noexcept;

  /// For engines: makes `flow` the current one of this thread.
  ///
  /// @param flow  null: the thread's own again.
  /// @return the one before, null for the thread's own.
  static Flow* exchange_current(Flow* flow) noexcept;

 protected:
  Flow() = default;
  ~Flow() = default;
};

}  // namespace socketserver
