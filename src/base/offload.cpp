#include <socketserver/base/offload.hpp>

#include <socketserver/base/scope_exit.hpp>

#include "base/helper_threads.hpp"

namespace socketserver::detail {
namespace {

constexpr std::size_t kMostHelpers = 64;
constexpr Duration kHelperIdleLimit = std::chrono::seconds(10);

// Never destroyed: whoever calls exit() does so in the middle of some job, perhaps on a helper
// thread. Those that are idle end in good order, the others with the process.
HelperThreads& helpers() {
  static HelperThreads& threads = *new HelperThreads(kMostHelpers, kHelperIdleLimit);
  static const ScopeExit at_exit([]() noexcept { threads.end_idle(); });
  return threads;
}

}  // namespace

void run_on_helper_thread(const std::function<void()>& job) {
  helpers().run(job);
}

}  // namespace socketserver::detail
