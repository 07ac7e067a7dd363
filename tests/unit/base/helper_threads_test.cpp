#include "base/helper_threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <thread>
#include <vector>

#include <socketserver/testing/wait.hpp>

#include "tests/unit/base/fake_fiber.hpp"

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::FakeFiber;

TEST(HelperThreads, starts_none_before_there_is_a_job) {
  const HelperThreads helpers(2, 1h);
  EXPECT_EQ(helpers.running(), 0U);
}

TEST(HelperThreads, runs_a_job_to_its_end_before_run_returns) {
  HelperThreads helpers(2, 1h);
  bool done = false;
  helpers.run([&done] { done = true; });
  EXPECT_TRUE(done);
}

TEST(HelperThreads, idle_threads_take_the_next_jobs) {
  HelperThreads helpers(64, 1h);
  // A thread may be still on its way from the last job to idleness, and then a second is started.
  for (int i = 0; i < 10; ++i) helpers.run([] {});
  EXPECT_LE(helpers.running(), 2U);
}

TEST(HelperThreads, jobs_beyond_the_bound_wait_in_order) {
  HelperThreads helpers(2, 1h);
  Event running("a job runs");
  Event go("the jobs may end");
  std::vector<int> order;
  std::list<FakeFiber> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back([&, i] {
      helpers.run([&, i] {
        running.set();
        go.wait(i == 0 ? 1 : 2);
      });
    });
    running.wait(i + 1);
  }
  std::list<FakeFiber> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back([&, i] { helpers.run([&order, i] { order.push_back(i); }); });
    waiting.back().parked.wait();
  }
  EXPECT_EQ(helpers.running(), 2U);
  EXPECT_TRUE(order.empty());
  go.set();  // one thread is free, so nothing races for the order
  for (FakeFiber& fiber : waiting) fiber.ended.wait();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
  go.set();
}

TEST(HelperThreads, a_thread_that_is_idle_for_long_ends) {
  HelperThreads helpers(2, 1ms);
  helpers.run([] {});
  testing::wait_until("the helper thread ends", [&] { return helpers.running() == 0; });
  bool done = false;
  helpers.run([&done] { done = true; });
  EXPECT_TRUE(done);
}

TEST(HelperThreads, end_idle_waits_for_no_job) {
  HelperThreads helpers(2, 1h);
  Event running("the job runs");
  Event go("the job may end");
  FakeFiber busy([&] {
    helpers.run([&] {
      running.set();
      go.wait();
    });
  });
  running.wait();
  helpers.run([] {});
  helpers.end_idle();
  EXPECT_LE(helpers.running(), 2U);
  EXPECT_EQ(busy.ended.count(), 0);
  go.set();
  busy.ended.wait();
}

TEST(HelperThreads, a_job_after_end_idle_still_runs) {
  HelperThreads helpers(2, 1h);
  helpers.run([] {});
  helpers.end_idle();
  bool done = false;
  helpers.run([&done] { done = true; });
  EXPECT_TRUE(done);
}

TEST(HelperThreads, every_job_of_many_flows_runs) {
  constexpr int kFlows = 8;
  constexpr int kJobs = 200;
  HelperThreads helpers(3, 0s);  // threads come and go all the time
  std::atomic<int> count = 0;
  {
    std::list<FakeFiber> fibers;
    for (int i = 0; i < kFlows; ++i) {
      fibers.emplace_back([&] {
        for (int j = 0; j < kJobs; ++j) helpers.run([&count] { ++count; });
      });
    }
  }
  EXPECT_EQ(count, kFlows * kJobs);
}

}  // namespace
}  // namespace socketserver::detail
