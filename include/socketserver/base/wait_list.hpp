#pragma once

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/flow.hpp>
#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::detail {

/// A flow that waits to be woken, in the frame of the function that waits: what `Mutex`,
/// `ConditionVariable` and `offload` are made of.
///
/// One ThreadMutex, the guard, belongs to a list and to every node that is on it. `wake` runs under
/// the guard, and a flow that waits leaves only after it has seen, under the guard, that it was
/// woken. So the waker has finished with node and flow before either can go, a stray permit ends no
/// wait, and a wake that comes before the park is not lost.
///
/// Thread safety: under the guard.
struct WaitNode {
  WaitNode() = default;
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;

  /// Ends the wait.
  void wake() noexcept {
    woken = true;
    flow.unpark();
  }

  /// Parks the flow, with the guard released, until it is woken; false when the deadline came
  /// first. Only from the flow whose node it is.
  bool wait(ThreadMutex& guard, Deadline deadline) SOCKETSERVER_REQUIRES(guard) {
    bool in_time = true;
    while (!woken && in_time) {
      guard.unlock();
      in_time = flow.park(deadline);
      guard.lock();
    }
    return woken;
  }

  Flow& flow = Flow::current();
  bool woken = false;
  WaitNode* previous = nullptr;
  WaitNode* next = nullptr;
};

/// Nodes in the order in which they came. Owns none of them.
///
/// Thread safety: under the guard.
class WaitList {
 public:
  constexpr WaitList() noexcept = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  bool empty() const noexcept { return first_ == nullptr; }

  /// The one that came first, null when there is none.
  WaitNode* front() const noexcept { return first_; }

  void push_back(WaitNode& node) noexcept {
    node.previous = last_;
    (last_ ? last_->next : first_) = &node;
    last_ = &node;
  }

  /// Requires: the node is on this list.
  void remove(WaitNode& node) noexcept {
    (node.previous ? node.previous->next : first_) = node.next;
    (node.next ? node.next->previous : last_) = node.previous;
    node.previous = node.next = nullptr;
  }

 private:
  WaitNode* first_ = nullptr;
  WaitNode* last_ = nullptr;
};

}  // namespace socketserver::detail
