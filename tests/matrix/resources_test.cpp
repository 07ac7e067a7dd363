// Whether many requests leave anything behind.

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>
#include <thread>

#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"
#include "tests/unit/server/fixtures.hpp"

namespace socketserver::matrix {
namespace {

// Whoever leaks a small object for each request is found out by this many.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int kRequests = 200;
constexpr int kForked = 20;
#elif defined(NDEBUG)
constexpr int kRequests = 10'000;
constexpr int kForked = 500;
#else
constexpr int kRequests = 2'000;
constexpr int kForked = 100;
#endif

/// Bytes in use; those that threads keep for reuse count too, and vary.
std::size_t heap() {
  return ::mallinfo2().uordblks;
}
/// What may come and go between two looks, `requests` apart. Where these are many, less than the
/// smallest block of memory for each; a process that only forks keeps next to nothing for reuse.
std::size_t heap_noise(int requests, bool forks) {
  constexpr std::size_t kSmallestBlock = 32;
  const std::size_t least = forks ? 4 * 1024 : 32 * 1024;
  return std::max(least, kSmallestBlock * static_cast<std::size_t>(requests) * 4 / 5);
}

constexpr int kPoolThreads = 4;

template <class Cell>
ServerOptions options() {
  ServerOptions options{.fork_with_threads = true, .log = {}};
  if (Cell::kPools) options.workers = kPoolThreads;
  return options;
}

bool has_children() {
  siginfo_t child{};
  return ::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

template <class Cell>
class Resources : public CellTest<Cell> {
 protected:
  static void serve(const BaseServer& server, int requests) {
    for (int i = 0; i < requests; ++i) {
      typename CellTest<Cell>::Client client(server.server_address());
      client.request("hello");
      ASSERT_EQ(client.answer(), "hello");
    }
  }
};
TYPED_TEST_SUITE(Resources, Cells, CellNames);

TYPED_TEST(Resources, SS_069_SS_077_requests_leave_nothing_behind) {
  // A sanitizer starts a thread of its own with the first one.
  std::thread([] {}).join();
  const int descriptors_before = open_descriptors();
  const int threads_before = running_threads();
  const int requests = TypeParam::kForks ? kForked : kRequests;
  {
    testing::TestServer<typename TypeParam::Server> server(echo, options<TypeParam>());
    this->serve(server.server(), requests / 2);
    const int descriptors = open_descriptors();
    const int threads = running_threads();
    const std::size_t heap_then = heap();
    this->serve(server.server(), requests / 2);
    // The last client may know that it was served before the server has closed everything.
    testing::wait_until("descriptors are closed",
                        [&] { return open_descriptors() <= descriptors; });
    // A pool may not have started all of its threads yet.
    const int more = TypeParam::kPools ? kPoolThreads : 1;
    testing::wait_until("threads have ended", [&] { return running_threads() <= threads + more; });
    EXPECT_LT(heap(), heap_then + heap_noise(requests / 2, TypeParam::kForks))
        << "heap_then " << heap_then;
    if constexpr (requires { server->fibers(); }) {
      testing::wait_until("fibers have ended", [&] { return server->fibers() == 0; });
      EXPECT_EQ(server->fibers(), 0u);
    }
    server.stop();
    server->server_close();
  }
  testing::wait_until("threads have ended", [&] { return running_threads() <= threads_before; });
  EXPECT_EQ(open_descriptors(), descriptors_before);
  EXPECT_FALSE(has_children());
}

}  // namespace
}  // namespace socketserver::matrix
