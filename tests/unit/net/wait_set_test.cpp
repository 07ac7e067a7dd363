#include "net/wait_set.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include <gtest/gtest.h>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) < 0) throw std::runtime_error("pipe");
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  void fill() const { EXPECT_EQ(::write(write.get(), "x", 1), 1); }

  UniqueFd read;
  UniqueFd write;
};

const Deadline kNow = Deadline::after(0ms);

class WaitSetTest : public ::testing::Test {
 protected:
  WaitSet set{Waiter::thread()};
  Pipe a;
  Pipe b;
};

TEST_F(WaitSetTest, waits_for_any) {
  set.want(a.read.get(), {.read = true});
  set.want(b.read.get(), {.read = true});
  EXPECT_EQ(set.wait(kNow), std::errc::timed_out);
  b.fill();
  EXPECT_FALSE(set.wait(Deadline::never()));
  EXPECT_FALSE(set.ready(a.read.get()).readable);
  EXPECT_TRUE(set.ready(b.read.get()).readable);
  a.fill();
  EXPECT_FALSE(set.wait(Deadline::never()));
  EXPECT_TRUE(set.ready(a.read.get()).readable);
  EXPECT_TRUE(set.ready(b.read.get()).readable);
}

TEST_F(WaitSetTest, wants_can_change) {
  a.fill();
  set.want(a.read.get(), {.read = true});
  EXPECT_FALSE(set.wait(kNow));
  set.want(a.read.get(), {});
  EXPECT_EQ(set.wait(kNow), std::errc::timed_out);
  EXPECT_FALSE(set.ready(a.read.get()).readable);
  set.want(a.write.get(), {.write = true});
  EXPECT_FALSE(set.wait(kNow));
  EXPECT_TRUE(set.ready(a.write.get()).writable);
  set.remove(a.write.get());
  EXPECT_EQ(set.wait(kNow), std::errc::timed_out);
}

TEST_F(WaitSetTest, broken_ends_the_wait_whatever_is_wanted) {
  set.want(a.read.get(), {});
  a.write.reset();
  EXPECT_FALSE(set.wait(Deadline::never()));
  EXPECT_TRUE(set.ready(a.read.get()).broken);
}

TEST_F(WaitSetTest, strangers_are_never_ready) {
  EXPECT_FALSE(set.ready(a.read.get()).readable);
  EXPECT_FALSE(set.ready(-1).readable);
  set.remove(a.read.get());
  set.remove(-1);
}

TEST_F(WaitSetTest, has_an_end) {
  std::array<Pipe, WaitSet::kMost> pipes;
  for (const Pipe& pipe : pipes) set.want(pipe.read.get(), {.read = true});
  EXPECT_THROW(set.want(a.read.get(), {}), std::logic_error);
}

}  // namespace
}  // namespace socketserver::detail
