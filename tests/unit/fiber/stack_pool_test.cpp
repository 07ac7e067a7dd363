#include "fiber/stack_pool.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <set>
#include <vector>

#include "fiber/sanitizer.hpp"

namespace socketserver::detail {
namespace {

constexpr std::size_t kStackSize = std::size_t{64} * 1024;

std::size_t page_size() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t resident_bytes(const StackPool::Stack& stack) {
  const auto size = static_cast<std::size_t>(stack.top - stack.bottom);
  std::vector<unsigned char> pages(size / page_size());
  EXPECT_EQ(::mincore(stack.bottom, size, pages.data()), 0);
  const auto resident = std::ranges::count_if(pages, [](unsigned char page) { return page & 1; });
  return static_cast<std::size_t>(resident) * page_size();
}

void touch_all(const StackPool::Stack& stack) {
  std::memset(stack.bottom, 1, static_cast<std::size_t>(stack.top - stack.bottom));
}

class StackPoolGuards : public ::testing::TestWithParam<StackPool::Guard> {};

TEST_P(StackPoolGuards, all_of_a_stack_can_be_used) {
  StackPool pool(kStackSize, GetParam());
  const auto stack = pool.take();
  EXPECT_EQ(static_cast<std::size_t>(stack.top - stack.bottom), kStackSize - page_size());
  touch_all(stack);
  pool.give(stack);
}

TEST_P(StackPoolGuards, the_byte_below_a_stack_cannot_be_touched) {
  StackPool pool(kStackSize, GetParam());
  const auto first = pool.take();
  const auto second = pool.take();
  for (const auto& stack : {first, second}) {
    volatile std::byte* const below = stack.bottom - 1;
#if defined(SOCKETSERVER_ASAN) || defined(SOCKETSERVER_TSAN)
    EXPECT_DEATH(*below = std::byte{1}, "");
#else
    EXPECT_EXIT(*below = std::byte{1}, ::testing::KilledBySignal(SIGSEGV), "");
#endif
  }
  pool.give(first);
  pool.give(second);
}

INSTANTIATE_TEST_SUITE_P(, StackPoolGuards,
                         ::testing::Values(StackPool::Guard::best, StackPool::Guard::mprotect),
                         [](const auto& instance) {
                           return instance.param == StackPool::Guard::best ? "best" : "mprotect";
                         });

TEST(StackPool, the_stack_that_came_back_last_goes_out_first) {
  StackPool pool(kStackSize);
  const auto a = pool.take();
  const auto b = pool.take();
  EXPECT_NE(a.bottom, b.bottom);
  pool.give(b);
  pool.give(a);
  EXPECT_EQ(pool.take().bottom, a.bottom);
  EXPECT_EQ(pool.take().bottom, b.bottom);
}

TEST(StackPool, stacks_do_not_overlap) {
  StackPool pool(kStackSize);
  std::set<std::byte*> bottoms;
  for (int i = 0; i < 200; ++i) bottoms.insert(pool.take().bottom);
  ASSERT_EQ(bottoms.size(), 200U);
  for (auto it = std::next(bottoms.begin()); it != bottoms.end(); ++it) {
    EXPECT_GE(*it - *std::prev(it), static_cast<std::ptrdiff_t>(kStackSize));
  }
}

TEST(StackPool, sizes_are_rounded_up_to_whole_pages) {
  StackPool pool(kStackSize - 1);
  const auto stack = pool.take();
  EXPECT_EQ(static_cast<std::size_t>(stack.top - stack.bottom), kStackSize - page_size());
}

TEST(StackPool, only_what_was_touched_costs_memory) {
  StackPool pool(kStackSize);
  const auto stack = pool.take();
  stack.top[-1] = std::byte{1};
  EXPECT_EQ(resident_bytes(stack), page_size());
}

class ReapedStackPool : public ::testing::Test {
 protected:
  std::vector<StackPool::Stack> take(std::size_t count) {
    std::vector<StackPool::Stack> stacks;
    for (std::size_t i = 0; i < count; ++i) {
      stacks.push_back(pool.take());
      touch_all(stacks.back());
    }
    return stacks;
  }

  void give(const std::vector<StackPool::Stack>& stacks) {
    for (const auto& stack : stacks) pool.give(stack);
  }

  StackPool pool{kStackSize};
};

TEST_F(ReapedStackPool, a_few_stacks_are_kept_for_ever) {
  const auto stacks = take(StackPool::kKeptStacks);
  give(stacks);
  EXPECT_FALSE(pool.wants_reap());
  pool.reap();
  pool.reap();
  for (const auto& stack : stacks) EXPECT_GT(resident_bytes(stack), 0U);
}

TEST_F(ReapedStackPool, what_nobody_needs_goes_back_whole) {
  give(take(1000));
  const std::size_t mapped = pool.mapped();
  EXPECT_TRUE(pool.wants_reap());
  pool.reap();
  EXPECT_EQ(pool.mapped(), mapped) << "the burst is not over for a whole interval";
  EXPECT_TRUE(pool.wants_reap());
  pool.reap();
  EXPECT_LE(pool.mapped(), mapped / 5);
  while (pool.wants_reap()) pool.reap();
  EXPECT_EQ(take(1000).size(), 1000U);
}

TEST_F(ReapedStackPool, stacks_in_use_keep_their_slab_but_idle_neighbours_give_their_memory_back) {
  auto stacks = take(64);
  const auto used = stacks.front();
  stacks.erase(stacks.begin());
  give(stacks);
  pool.reap();
  pool.reap();
  EXPECT_FALSE(pool.wants_reap());
  EXPECT_EQ(resident_bytes(used), static_cast<std::size_t>(used.top - used.bottom));
  const auto empty = std::ranges::count_if(
      stacks, [](const StackPool::Stack& stack) { return resident_bytes(stack) == 0; });
  EXPECT_EQ(static_cast<std::size_t>(empty), stacks.size() - StackPool::kKeptStacks);
  // They are as good as new.
  for (const auto& stack : take(stacks.size())) touch_all(stack);
}

TEST_F(ReapedStackPool, stacks_in_steady_use_are_left_alone) {
  const std::size_t busy = 200;
  give(take(busy));
  for (int interval = 0; interval < 5; ++interval) {
    give(take(busy));
    const std::size_t mapped = pool.mapped();
    pool.reap();
    EXPECT_EQ(pool.mapped(), mapped);
  }
}

}  // namespace
}  // namespace socketserver::detail
