#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "file_store.hpp"
#include "http/new_file.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::names_in;
using ::socketserver::testing::read_file;
using ::socketserver::testing::TemporaryTree;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t kHour = 3600;

/// Makes the file system look to this thread, for the rest of its life, like one that has no files
/// without names.
bool take_nameless_files_away() {
  std::array<sock_filter, 6> rules = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{rules.size(), rules.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Every test runs with files that have no name and with what stands in for them.
class NewFileTest : public ::testing::TestWithParam<bool> {
 protected:
  void with_file_system(const std::function<void()>& test) {
    bool possible = true;
    std::thread([&] {
      if (!GetParam()) possible = take_nameless_files_away();
      if (possible) test();
    }).join();
    if (!possible) GTEST_SKIP() << "system calls cannot be filtered here";
  }

  NewFile create() {
    auto file = NewFile::create(directory, std::nullopt, ec);
    EXPECT_TRUE(file) << ec.message();
    return *std::move(file);
  }

  TemporaryTree tree;
  StoreDirectory directory{
      UniqueFd(::open(tree.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
  std::error_code ec;
};

INSTANTIATE_TEST_SUITE_P(FileSystem, NewFileTest, ::testing::Values(true, false),
                         [](const auto& param) { return param.param ? "nameless" : "named"; });

TEST_P(NewFileTest, is_gone_unless_it_got_a_name) {
  with_file_system([this] {
    {
      NewFile file = create();
      EXPECT_FALSE(file.write("content"));
      EXPECT_EQ(names_in(tree.path()).size(), GetParam() ? 0 : 1);
      const NewFile moved = std::move(file);
      EXPECT_EQ(moved.size(), 7);
    }
    EXPECT_THAT(names_in(tree.path()), IsEmpty());
  });
}

TEST_P(NewFileTest, put) {
  with_file_system([this] {
    for (const std::string name : {"a", "b"}) {
      NewFile file = create();
      EXPECT_FALSE(file.write("one "));
      EXPECT_FALSE(file.write(name));
      EXPECT_FALSE(file.sync());
      EXPECT_FALSE(file.put(name));
      EXPECT_EQ(read_file(tree.path(name)), "one " + name);
    }
    NewFile late = create();
    EXPECT_EQ(late.put("a"), std::errc::file_exists);
    EXPECT_FALSE(late.put("c"));
    EXPECT_THAT(names_in(tree.path()), UnorderedElementsAre("a", "b", "c"));
  });
}

TEST_P(NewFileTest, replace) {
  with_file_system([this] {
    tree.file("a", "old");
    tree.directory("dir");
    NewFile file = create();
    EXPECT_FALSE(file.write("new"));
    EXPECT_EQ(file.replace("dir"), std::errc::is_a_directory);
    EXPECT_FALSE(file.replace("a"));
    EXPECT_EQ(read_file(tree.path("a")), "new");
    EXPECT_THAT(names_in(tree.path()), UnorderedElementsAre("a", "dir"));
  });
}

TEST_P(NewFileTest, kept_and_resumed) {
  with_file_system([this] {
    {
      NewFile file = create();
      EXPECT_FALSE(file.write("one "));
      EXPECT_FALSE(file.keep("a"));
      EXPECT_FALSE(NewFile::resume(directory, "a", kHour, ec));
      EXPECT_EQ(ec, std::errc::device_or_resource_busy);
    }
    EXPECT_THAT(names_in(tree.path()), ElementsAre(StoreDirectory::partial_name("a")));
    EXPECT_EQ(directory.partial_size("a", kHour), 4);
    {
      auto resumed = NewFile::resume(directory, "a", kHour, ec);
      ASSERT_TRUE(resumed);
      EXPECT_EQ(resumed->size(), 4);
      EXPECT_FALSE(resumed->write("two!"));
      EXPECT_FALSE(resumed->cut(7));
    }
    auto resumed = NewFile::resume(directory, "a", kHour, ec);
    ASSERT_TRUE(resumed);
    EXPECT_FALSE(resumed->put("a"));
    EXPECT_EQ(read_file(tree.path("a")), "one two");
    EXPECT_THAT(names_in(tree.path()), ElementsAre("a"));
    EXPECT_FALSE(NewFile::resume(directory, "a", kHour, ec));
    EXPECT_FALSE(ec);
  });
}

TEST_P(NewFileTest, a_later_one_is_kept_in_its_place) {
  with_file_system([this] {
    NewFile first = create();
    EXPECT_FALSE(first.write("first"));
    EXPECT_FALSE(first.keep("a"));
    NewFile second = create();
    EXPECT_FALSE(second.write("second"));
    EXPECT_FALSE(second.keep("a"));
    EXPECT_EQ(first.put("a"), std::errc::device_or_resource_busy);
    EXPECT_EQ(first.replace("a"), std::errc::device_or_resource_busy);
    EXPECT_FALSE(second.put("a"));
    EXPECT_EQ(read_file(tree.path("a")), "second");
  });
}

TEST_P(NewFileTest, too_old_to_be_resumed) {
  with_file_system([this] {
    {
      NewFile file = create();
      EXPECT_FALSE(file.keep("a"));
    }
    const std::string kept = StoreDirectory::partial_name("a");
    tree.modified_at(kept, 1577934245);
    EXPECT_FALSE(NewFile::resume(directory, "a", kHour, ec));
    EXPECT_FALSE(ec);
    EXPECT_FALSE(directory.partial_size("a", kHour));
    tree.file(".mine", "mine");
    tree.modified_at(".mine", 1577934245);
    tree.file(".new.socketserver-part", "new");
    directory.remove_leftovers(kHour);
    EXPECT_THAT(names_in(tree.path()), UnorderedElementsAre(".mine", ".new.socketserver-part"));
  });
}

TEST_P(NewFileTest, only_regular_files_are_resumed) {
  with_file_system([this] {
    tree.file("target", "target");
    tree.link(StoreDirectory::partial_name("a"), "target");
    EXPECT_FALSE(NewFile::resume(directory, "a", kHour, ec));
    EXPECT_TRUE(ec);
    tree.fifo(StoreDirectory::partial_name("b"));
    EXPECT_FALSE(NewFile::resume(directory, "b", kHour, ec));
    EXPECT_FALSE(directory.partial_size("a", kHour));
  });
}

}  // namespace
}  // namespace socketserver::http
