#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/flow.hpp>
#include <socketserver/base/unique_fd.hpp>

#include "tests/unit/fiber/fiber_test.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

struct Pair {
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
      throw_os_error(last_error(), "socketpair");
    }
    a.reset(ends[0]);
    b.reset(ends[1]);
  }

  UniqueFd a;
  UniqueFd b;
};

class FiberWait : public FiberTest {
 protected:
  std::error_code wait_to_read(int fd, Deadline deadline = Deadline::after(testing::kPatience),
                               bool idle = false) {
    return scheduler.wait(fd, Interest::read, deadline, idle);
  }

  void send(int fd, std::string_view data) {
    while (!data.empty()) {
      const auto n = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
      if (n > 0) {
        data.remove_prefix(static_cast<std::size_t>(n));
        continue;
      }
      ASSERT_EQ(errno, EAGAIN);
      ASSERT_FALSE(scheduler.wait(fd, Interest::write, Deadline::after(testing::kPatience), false));
    }
  }

  std::string receive(int fd, std::size_t size) {
    std::string data(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const auto n = ::recv(fd, data.data() + got, size - got, 0);
      if (n == 0) break;
      if (n > 0) {
        got += static_cast<std::size_t>(n);
      } else if (const auto ec = wait_to_read(fd)) {
        ADD_FAILURE() << ec.message();
        break;
      }
    }
    data.resize(got);
    return data;
  }
};

TEST_F(FiberWait, two_fibers_play_ping_pong) {
  const Pair pair;
  constexpr int kRounds = 100;
  spawn([&] {
    for (int i = 0; i < kRounds; ++i) {
      send(pair.a.get(), "ping");
      EXPECT_EQ(receive(pair.a.get(), 4), "pong");
    }
  });
  spawn([&] {
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_EQ(receive(pair.b.get(), 4), "ping");
      send(pair.b.get(), "pong");
    }
  });
  run();
}

TEST_F(FiberWait, both_directions_of_one_descriptor_at_once) {
  const Pair pair;
  const std::string much(std::size_t{2} * 1024 * 1024, 'x');
  for (const int fd : {pair.a.get(), pair.b.get()}) {
    spawn([&, fd] { send(fd, much); });
    spawn([&, fd] { EXPECT_EQ(receive(fd, much.size()).size(), much.size()); });
  }
  run();
}

TEST_F(FiberWait, returns_when_the_peer_is_gone) {
  Pair pair;
  spawn([&] {
    EXPECT_FALSE(wait_to_read(pair.a.get()));
    char byte = 0;
    EXPECT_EQ(::recv(pair.a.get(), &byte, 1, 0), 0);
  });
  spawn([&] { pair.b.reset(); });
  run();
}

TEST_F(FiberWait, what_happened_before_is_not_missed) {
  const Pair pair;
  spawn([&] {
    // Registers the descriptor; then something arrives while nobody waits.
    EXPECT_EQ(wait_to_read(pair.a.get(), Deadline::after(1ms)), std::errc::timed_out);
    send(pair.b.get(), "x");
    EXPECT_FALSE(Flow::current().park(Deadline::after(1ms)));
    EXPECT_FALSE(wait_to_read(pair.a.get()));
  });
  run();
}

TEST_F(FiberWait, a_wait_ends_at_its_deadline_and_not_before) {
  const Pair pair;
  spawn([&] {
    for (int i = 0; i < 5; ++i) {
      const auto start = Clock::now();
      EXPECT_EQ(wait_to_read(pair.a.get(), Deadline::after(5ms)), std::errc::timed_out);
      EXPECT_GE(Clock::now() - start, 5ms);
    }
  });
  run();
}

TEST_F(FiberWait, a_deadline_in_the_past_still_finds_what_is_there) {
  const Pair pair;
  send(pair.b.get(), "x");
  spawn([&] {
    EXPECT_FALSE(wait_to_read(pair.a.get(), Deadline::after(0ms)));
    char byte = 0;
    EXPECT_EQ(::recv(pair.a.get(), &byte, 1, 0), 1);
    EXPECT_EQ(wait_to_read(pair.a.get(), Deadline::after(0ms)), std::errc::timed_out);
  });
  run();
}

TEST_F(FiberWait, an_unpark_meanwhile_is_kept) {
  const Pair pair;
  Flow* waiter = nullptr;
  spawn([&] {
    waiter = &Flow::current();
    EXPECT_FALSE(wait_to_read(pair.a.get()));
    EXPECT_TRUE(waiter->park(Deadline::after(0ms)));
  });
  spawn([&] {
    waiter->unpark();
    scheduler.yield();
    send(pair.b.get(), "x");
  });
  run();
}

TEST_F(FiberWait, whose_bytes_have_come_goes_before_one_that_yielded) {
  const Pair pair;
  std::string order;
  spawn([&] {
    EXPECT_FALSE(wait_to_read(pair.a.get()));
    order += "waiter ";
  });
  spawn([&] {
    send(pair.b.get(), "x");
    scheduler.yield();
    order += "yielder";
  });
  run();
  EXPECT_EQ(order, "waiter yielder");
}

TEST_F(FiberWait, a_file_is_always_ready) {
  char name[] = "/tmp/fiber_wait_XXXXXX";
  const UniqueFd regular(::mkstemp(name));
  ::unlink(name);
  spawn([&] {
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(wait_to_read(regular.get()));
  });
  run();
}

TEST_F(FiberWait, a_descriptor_that_is_none_is_an_error) {
  int closed = -1;
  {
    const Pair pair;
    closed = pair.a.get();
  }
  spawn([&] {
    EXPECT_EQ(wait_to_read(-1), std::errc::bad_file_descriptor);
    EXPECT_EQ(wait_to_read(closed), std::errc::bad_file_descriptor);
  });
  run();
}

TEST_F(FiberWait, two_readers_of_one_descriptor_are_a_mistake) {
  const Pair pair;
  spawn([&] { EXPECT_FALSE(wait_to_read(pair.a.get())); });
  spawn([&] {
    EXPECT_THROW(wait_to_read(pair.a.get()), std::logic_error);
    send(pair.b.get(), "x");
  });
  run();
}

TEST_F(FiberWait, cancelling_ends_idle_waits_or_all) {
  const Pair pairs[3];
  std::vector<std::error_code> results(3);
  for (const std::size_t i : {0U, 1U, 2U}) {
    spawn([&, i] {
      results[i] = wait_to_read(pairs[i].a.get(), Deadline::after(testing::kPatience), i == 1);
    });
  }
  run_until_all_wait();
  scheduler.cancel_waits(true);
  run_until_all_wait();
  EXPECT_EQ(scheduler.fibers(), 2U);
  EXPECT_EQ(results[1], std::errc::operation_canceled);
  scheduler.cancel_waits(false);
  run();
  EXPECT_EQ(results[0], std::errc::operation_canceled);
  EXPECT_EQ(results[2], std::errc::operation_canceled);
}

TEST_F(FiberWait, cancelling_does_not_concern_later_waits) {
  const Pair pair;
  scheduler.cancel_waits(false);
  spawn([&] { EXPECT_FALSE(wait_to_read(pair.a.get())); });
  spawn([&] { send(pair.b.get(), "x"); });
  run();
}

TEST(SchedulerDestructorWait, cancels_waits_under_way_and_later_ones) {
  const Pair pair;
  std::vector<std::error_code> results;
  {
    Scheduler scheduler;
    scheduler.watch(pair.b.get());
    scheduler.spawn([&] {
      for (int i = 0; i < 2; ++i) {
        results.push_back(scheduler.wait(pair.a.get(), Interest::read, Deadline::never(), false));
      }
    });
    EXPECT_EQ(::send(pair.a.get(), "x", 1, 0), 1);
    EXPECT_EQ(scheduler.run_until_ready(Deadline::never()), pair.b.get());
  }
  const auto cancelled = std::make_error_code(std::errc::operation_canceled);
  EXPECT_EQ(results, (std::vector{cancelled, cancelled}));
}

TEST_F(FiberWait, forgetting_a_descriptor_lets_its_number_be_used_again) {
  for (int i = 0; i < 50; ++i) {
    auto pair = std::make_unique<Pair>();
    const int fd = pair->a.get();
    spawn([&] {
      EXPECT_EQ(wait_to_read(fd, Deadline::after(0ms)), std::errc::timed_out);
      send(pair->b.get(), "x");
      EXPECT_FALSE(wait_to_read(fd));
      scheduler.forget(fd);
    });
    run();
  }
}

TEST_F(FiberWait, what_was_known_of_a_forgotten_descriptor_is_gone) {
  auto pair = std::make_unique<Pair>();
  const int fd = pair->a.get();
  spawn([&] {
    EXPECT_EQ(wait_to_read(fd, Deadline::after(0ms)), std::errc::timed_out);
    send(pair->b.get(), "x");
    EXPECT_FALSE(Flow::current().park(Deadline::after(1ms)));  // the edge comes
    scheduler.forget(fd);
    pair.reset();
    pair = std::make_unique<Pair>();
    ASSERT_EQ(pair->a.get(), fd);
    EXPECT_EQ(wait_to_read(fd, Deadline::after(1ms)), std::errc::timed_out);
  });
  run();
}

TEST_F(FiberWait, a_copy_of_a_forgotten_descriptor_wakes_nobody) {
  // As a child process has one between fork and exec; epoll goes on telling about it.
  auto former = std::make_unique<Pair>();
  const int fd = former->a.get();
  spawn([&] {
    EXPECT_EQ(wait_to_read(fd, Deadline::after(0ms)), std::errc::timed_out);
    const UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    scheduler.forget(fd);
    former->a.reset();
    const Pair pair;
    ASSERT_EQ(pair.a.get(), fd);
    EXPECT_EQ(wait_to_read(fd, Deadline::after(0ms)), std::errc::timed_out);
    former->b.reset();  // its end is told under the number of `pair.a`
    EXPECT_EQ(wait_to_read(fd, Deadline::after(10ms)), std::errc::timed_out);
    send(pair.b.get(), "x");
    EXPECT_FALSE(wait_to_read(fd));
    EXPECT_EQ(receive(fd, 1), "x");
    EXPECT_EQ(wait_to_read(fd, Deadline::after(10ms)), std::errc::timed_out) << "it has not ended";
  });
  run();
}

TEST_F(FiberWait, a_descriptor_that_was_forgotten_but_not_closed_works_again) {
  const Pair pair;
  spawn([&] {
    EXPECT_EQ(wait_to_read(pair.a.get(), Deadline::after(0ms)), std::errc::timed_out);
    send(pair.b.get(), "x");
    scheduler.forget(pair.a.get());
    EXPECT_FALSE(Flow::current().park(Deadline::after(1ms)));  // the edge comes and is not wanted
    EXPECT_FALSE(wait_to_read(pair.a.get()));
  });
  run();
}

TEST_F(FiberWait, forgetting_a_descriptor_ends_waits_for_it) {
  const Pair pair;
  for (const Interest interest : {Interest::read, Interest::write}) {
    spawn([&, interest] {
      std::error_code ec;
      while (!ec) ec = scheduler.wait(pair.a.get(), interest, Deadline::never(), false);
      EXPECT_EQ(ec, std::errc::bad_file_descriptor);
    });
  }
  run_until_all_wait();
  scheduler.forget(pair.a.get());
  run();
}

class SchedulerWatch : public FiberWait {};

TEST_F(SchedulerWatch, reports_a_descriptor_as_long_as_it_is_readable) {
  const Pair pair;
  scheduler.watch(pair.a.get());
  run_until_all_wait();
  ASSERT_EQ(::send(pair.b.get(), "x", 1, 0), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(scheduler.run_until_ready(Deadline::never()), pair.a.get());
  }
  char byte = 0;
  ASSERT_EQ(::recv(pair.a.get(), &byte, 1, 0), 1);
  run_until_all_wait();
}

TEST_F(SchedulerWatch, several_descriptors_are_reported_in_turn) {
  const Pair pairs[3];
  std::vector<int> count(3);
  for (const Pair& pair : pairs) {
    scheduler.watch(pair.a.get());
    ASSERT_EQ(::send(pair.b.get(), "x", 1, 0), 1);
  }
  for (int i = 0; i < 30; ++i) {
    const int fd = scheduler.run_until_ready(Deadline::never());
    for (std::size_t k = 0; k < 3; ++k) count[k] += pairs[k].a.get() == fd ? 1 : 0;
  }
  EXPECT_EQ(count, (std::vector{10, 10, 10}));
}

TEST_F(SchedulerWatch, a_busy_watched_descriptor_starves_no_fiber) {
  const Pair pair;
  scheduler.watch(pair.a.get());
  ASSERT_EQ(::send(pair.b.get(), "x", 1, 0), 1);
  int turns = 0;
  scheduler.spawn([&] {
    for (int i = 0; i < 1000; ++i) {
      scheduler.yield();
      ++turns;
    }
  });
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(scheduler.run_until_ready(Deadline::never()), pair.a.get());
  }
  EXPECT_EQ(turns, 1000);
}

TEST_F(SchedulerWatch, an_unwatched_descriptor_is_not_reported) {
  const Pair pairs[2];
  for (const Pair& pair : pairs) {
    scheduler.watch(pair.a.get());
    ASSERT_EQ(::send(pair.b.get(), "x", 1, 0), 1);
  }
  // Both were found readable; one is still to be returned.
  const int first = scheduler.run_until_ready(Deadline::never());
  for (const Pair& pair : pairs) scheduler.unwatch(pair.a.get());
  EXPECT_GE(first, 0);
  run_until_all_wait();
  scheduler.unwatch(first);
  scheduler.watch(first);
  EXPECT_EQ(scheduler.run_until_ready(Deadline::never()), first);
}

TEST_F(SchedulerWatch, misuse_is_reported) {
  const Pair pair;
  scheduler.watch(pair.a.get());
  EXPECT_THROW(scheduler.watch(pair.a.get()), std::logic_error);
  EXPECT_THROW(scheduler.watch(-1), OSError);
  spawn([&] {
    EXPECT_THROW(wait_to_read(pair.a.get()), std::logic_error);
    EXPECT_EQ(wait_to_read(pair.b.get(), Deadline::after(0ms)), std::errc::timed_out);
    EXPECT_THROW(scheduler.watch(pair.b.get()), std::logic_error);
  });
  run();
}

TEST_F(SchedulerWatch, fibers_run_while_the_caller_waits) {
  const Pair pair;
  scheduler.watch(pair.a.get());
  scheduler.spawn([&] {
    EXPECT_FALSE(Flow::current().park(Deadline::after(2ms)));
    send(pair.b.get(), "x");
  });
  EXPECT_EQ(scheduler.run_until_ready(Deadline::after(testing::kPatience)), pair.a.get());
}

}  // namespace
}  // namespace socketserver
