#include "xmlrpc/flow_waiter.hpp"

#include <optional>

#include <socketserver/base/flow.hpp>
#include <socketserver/base/offload.hpp>

#include "xmlrpc/watcher.hpp"

namespace socketserver::xmlrpc {
namespace {

class FlowWaiter final : public Waiter {
 public:
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override {
    if (!Flow::current().is_thread()) {
      if (const auto result = Watcher::shared().wait(fd, interest, deadline)) return *result;
    }
    return offload([&] { return Waiter::thread().wait(fd, interest, deadline, idle); });
  }
};

}  // namespace

Waiter& flow_waiter() noexcept {
  static FlowWaiter waiter;
  return waiter;
}

}  // namespace socketserver::xmlrpc
