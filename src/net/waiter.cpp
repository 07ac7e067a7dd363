#include <socketserver/net/waiter.hpp>

#include "net/poll.hpp"

namespace socketserver {
namespace {

class ThreadWaiter final : public Waiter {
 public:
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool /*idle*/) override {
    pollfd entry{fd, detail::poll_events(interest), 0};
    return detail::poll_until({&entry, 1}, deadline);
  }
};

}  // namespace

Waiter& Waiter::thread() noexcept {
  static ThreadWaiter waiter;
  return waiter;
}

}  // namespace socketserver
