#include <socketserver/base/unique_fd.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <type_traits>
#include <utility>

namespace socketserver {
namespace {

int open_null() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, owns_nothing_at_first) {
  const UniqueFd fd;
  EXPECT_EQ(fd.get(), -1);
  EXPECT_FALSE(fd);
}

TEST(UniqueFd, closes_at_the_end_of_its_scope) {
  const int number = open_null();
  {
    const UniqueFd fd(number);
    EXPECT_TRUE(fd);
    EXPECT_EQ(fd.get(), number);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, moves_but_does_not_copy) {
  static_assert(!std::is_copy_constructible_v<UniqueFd> && !std::is_copy_assignable_v<UniqueFd>);
  const int number = open_null();
  UniqueFd first(number);
  UniqueFd second(std::move(first));
  EXPECT_EQ(first.get(), -1);
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, assignment_closes_what_was_owned) {
  const int old_number = open_null();
  const int new_number = open_null();
  UniqueFd fd(old_number);
  fd = UniqueFd(new_number);
  EXPECT_FALSE(is_open(old_number));
  EXPECT_EQ(fd.get(), new_number);
}

TEST(UniqueFd, survives_assignment_to_itself) {
  UniqueFd fd(open_null());
  UniqueFd& same = fd;
  fd = std::move(same);
  EXPECT_TRUE(is_open(fd.get()));
}

TEST(UniqueFd, release_gives_the_descriptor_away) {
  UniqueFd fd(open_null());
  const int number = fd.release();
  EXPECT_EQ(fd.get(), -1);
  EXPECT_TRUE(is_open(number));
  const UniqueFd owner(number);
}

TEST(UniqueFd, reset_closes_once) {
  UniqueFd fd(open_null());
  const int number = fd.get();
  fd.reset();
  EXPECT_FALSE(is_open(number));
  fd.reset();
  EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFd, closing_leaves_errno_alone) {
  UniqueFd invalid(1'000'000);  // nothing that is open: close(2) fails
  errno = EDOM;
  invalid.reset();
  EXPECT_EQ(errno, EDOM);
}

}  // namespace
}  // namespace socketserver
