#include <socketserver/base/offload.hpp>

#include <memory>

#include <socketserver/base/scope_exit.hpp>

#include "base/helper_threads.hpp"
#include "base/per_process.hpp"

namespace socketserver::detail {
namespace {

constexpr std::size_t kMostHelpers = 64;
constexpr Duration kHelperIdleLimit = std::chrono::seconds(10);

// Threads that are idle at exit() end in good order, the others with the process.
HelperThreads& helpers() {
  static PerProcess<HelperThreads> shared;
  static const ScopeExit at_exit([]() noexcept {
    if (HelperThreads* const threads = shared.find()) threads->end_idle();
  });
  return shared.get([] { return std::make_unique<HelperThreads>(kMostHelpers, kHelperIdleLimit); });
}

}  // namespace

void run_on_helper_thread(const std::function<void()>& job) {
  helpers().run(job);
}

}  // namespace socketserver::detail
