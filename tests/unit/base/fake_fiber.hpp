#pragma once

#include <functional>
#include <thread>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/base/flow.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver::testing {

/// A flow that is no thread to whoever asks: what an engine's fibers are to the base floor. Runs a
/// function on a thread of its own, and tells the test when it parks.
///
/// Lifetime: the destructor waits for the function to return.
class FakeFiber final : public Flow {
 public:
  /// @param resume  called whenever the fiber was unparked, before it goes on.
  explicit FakeFiber(
      std::function<void()> body, std::function<void()> resume = [] {})
      : resume_(std::move(resume)), thread_([this, body = std::move(body)] {
          Flow* const before = exchange_current(this);
          body();
          exchange_current(before);
          ended.set();
        }) {}
  ~FakeFiber() { thread_.join(); }

  bool park(Deadline deadline) override {
    parked.set();
    const Duration patience = deadline.is_never() ? kPatience : deadline.remaining();
    if (!unparked.wait_for(patience, taken_ + 1)) {
      if (deadline.is_never()) throw TimeoutError("wait until a fake fiber is unparked");
      return false;
    }
    taken_ = unparked.count();  // however many were left, they are one
    resume_();
    return true;
  }

  void unpark() noexcept override { unparked.set(); }

  Event parked{"a fake fiber parks"};
  Event unparked{"a fake fiber is unparked"};
  Event ended{"a fake fiber ends"};

 private:
  const std::function<void()> resume_;
  int taken_ = 0;  // touched by the fiber itself only
  std::thread thread_;
};

}  // namespace socketserver::testing
