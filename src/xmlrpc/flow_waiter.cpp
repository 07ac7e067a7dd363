#include "xmlrpc/flow_waiter.hpp"

#include <socketserver/base/offload.hpp>

namespace socketserver::xmlrpc {
namespace {

class FlowWaiter final : public Waiter {
 public:
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override {
    return offload([&] { return Waiter::thread().wait(fd, interest, deadline, idle); });
  }
};

}  // namespace

Waiter& flow_waiter() noexcept {
  static FlowWaiter waiter;
  return waiter;
}

}  // namespace socketserver::xmlrpc
