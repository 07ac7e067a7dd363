#include <socketserver/base/sleep.hpp>

#include <socketserver/base/flow.hpp>

namespace socketserver {

void sleep_for(Duration span) {
  sleep_until(Deadline::after(span));
}

void sleep_until(Deadline deadline) {
  Flow& flow = Flow::current();
  while (!deadline.expired()) flow.park(deadline);
}

}  // namespace socketserver
