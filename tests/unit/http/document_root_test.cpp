#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/http/document_root.hpp>

#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::TemporaryTree;
using ::socketserver::testing::Unprivileged;
using Kind = OpenedPath::Kind;
using Words = std::vector<std::string>;

/// Makes the kernel look to this thread, for the rest of its life, like one without openat2(2).
bool take_openat2_away() {
  std::array<sock_filter, 4> rules = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{rules.size(), rules.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

std::string content_of(const OpenedPath& opened) {
  std::string content(opened.size, '\0');
  EXPECT_EQ(::pread(opened.fd.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  return content;
}

/// Every test runs with openat2(2) and with what stands in for it on kernels and in containers that
/// do not have it.
class DocumentRootTest : public ::testing::TestWithParam<bool> {
 protected:
  DocumentRootTest() {
    outside.file("secret", "secret");
    outside.directory("private");
    outside.file("private/file", "secret");
    tree.file("file", "content");
    tree.directory("dir");
    tree.file("dir/inner", "inner");
  }

  /// Runs the test itself, on a thread whose kernel has openat2 or not.
  void with_kernel(const std::function<void()>& test) {
    std::atomic<bool> possible = true;
    std::thread([&] {
      if (!GetParam()) possible = take_openat2_away();
      if (possible) test();
    }).join();
    if (!possible) GTEST_SKIP() << "system calls cannot be filtered here";
  }

  static OpenedPath open(const DocumentRoot& root, const Words& words) { return root.open(words); }

  TemporaryTree outside;
  TemporaryTree tree;
};

INSTANTIATE_TEST_SUITE_P(Kernel, DocumentRootTest, ::testing::Values(true, false),
                         [](const auto& kernel) {
                           return kernel.param ? "with_openat2" : "without_openat2";
                         });

constexpr std::array<Symlinks, 3> kPolicies = {Symlinks::inside, Symlinks::all, Symlinks::none};

TEST_P(DocumentRootTest, opens_files_and_directories) {
  with_kernel([this] {
    tree.modified_at("file", 12345, 999'999'999);
    for (const Symlinks policy : kPolicies) {
      const DocumentRoot root(tree.path(), policy);
      const OpenedPath file = open(root, {"file"});
      ASSERT_EQ(file.kind, Kind::file);
      EXPECT_EQ(file.size, 7);
      EXPECT_EQ(file.modified_at, 12345);
      EXPECT_FALSE(file.ec);
      EXPECT_EQ(content_of(file), "content");

      EXPECT_EQ(open(root, {}).kind, Kind::directory);
      EXPECT_EQ(open(root, {"dir"}).kind, Kind::directory);
      EXPECT_EQ(content_of(open(root, {"dir", "inner"})), "inner");
    }
  });
}

TEST_P(DocumentRootTest, absent) {
  with_kernel([this] {
    for (const Symlinks policy : kPolicies) {
      const DocumentRoot root(tree.path(), policy);
      const OpenedPath missing = open(root, {"missing"});
      EXPECT_EQ(missing.kind, Kind::absent);
      EXPECT_FALSE(missing.fd);
      EXPECT_EQ(missing.ec, std::errc::no_such_file_or_directory);
      EXPECT_EQ(open(root, {"file", "below"}).ec, std::errc::not_a_directory);
      EXPECT_EQ(open(root, {std::string(300, 'a')}).ec, std::errc::filename_too_long);
      EXPECT_EQ(open(root, Words(3000, "dir")).ec, std::errc::filename_too_long);
    }
  });
}

TEST_P(DocumentRootTest, links_that_stay_inside) {
  tree.link("relative", "dir/inner");
  tree.link("absolute", tree.path("dir/inner"));
  tree.link("to_dir", "dir");
  tree.link("dir/up", "../file");
  tree.link("chain", "relative");
  with_kernel([this] {
    for (const Words& words : {Words{"relative"}, Words{"absolute"}, Words{"to_dir", "inner"},
                               Words{"dir", "up"}, Words{"chain"}}) {
      SCOPED_TRACE(words.back());
      EXPECT_EQ(open(DocumentRoot(tree.path(), Symlinks::inside), words).kind, Kind::file);
      EXPECT_EQ(open(DocumentRoot(tree.path(), Symlinks::all), words).kind, Kind::file);
      const OpenedPath refused = open(DocumentRoot(tree.path(), Symlinks::none), words);
      EXPECT_EQ(refused.kind, Kind::absent);
      EXPECT_TRUE(refused.ec);
    }
  });
}

TEST_P(DocumentRootTest, links_that_leave) {
  const std::string name = std::filesystem::path(outside.path()).filename().string();
  tree.link("file_absolute", outside.path("secret"));
  tree.link("file_relative", "../" + name + "/secret");
  tree.link("to_dir", outside.path("private"));
  tree.link("dir/climbing", "../../" + name + "/secret");
  tree.link("chain", "file_absolute");
  // Out and in again is out.
  tree.link("via", "../" + std::filesystem::path(tree.path()).filename().string() + "/missing");
  with_kernel([this] {
    for (const Words& words : {Words{"file_absolute"}, Words{"file_relative"},
                               Words{"to_dir", "file"}, Words{"dir", "climbing"}, Words{"chain"}}) {
      SCOPED_TRACE(words.back());
      for (const Symlinks policy : {Symlinks::inside, Symlinks::none}) {
        const OpenedPath refused = open(DocumentRoot(tree.path(), policy), words);
        EXPECT_EQ(refused.kind, Kind::absent);
        EXPECT_FALSE(refused.fd);
        EXPECT_TRUE(refused.ec);
      }
      EXPECT_EQ(content_of(open(DocumentRoot(tree.path(), Symlinks::all), words)), "secret");
    }
    EXPECT_EQ(open(DocumentRoot(tree.path()), {"to_dir"}).kind, Kind::absent);
    EXPECT_EQ(open(DocumentRoot(tree.path()), {"via"}).kind, Kind::absent);
  });
}

TEST_P(DocumentRootTest, neighbour_with_the_same_beginning) {
  // "/srv/www2" is not below "/srv/www".
  tree.directory("www");
  tree.directory("www2");
  tree.file("www2/file", "neighbour");
  tree.link("www/neighbour", tree.path("www2/file"));
  with_kernel([this] {
    EXPECT_EQ(open(DocumentRoot(tree.path("www")), {"neighbour"}).kind, Kind::absent);
  });
}

TEST_P(DocumentRootTest, links_that_lead_nowhere) {
  tree.link("dangling", "missing");
  tree.link("loop", "loop");
  with_kernel([this] {
    const DocumentRoot root(tree.path());
    EXPECT_EQ(open(root, {"dangling"}).ec, std::errc::no_such_file_or_directory);
    EXPECT_EQ(open(root, {"loop"}).ec, std::errc::too_many_symbolic_link_levels);
  });
}

TEST_P(DocumentRootTest, magic_links_are_links) {
  with_kernel([] {
    EXPECT_EQ(open(DocumentRoot("/proc"), {"self", "cwd"}).kind, Kind::absent);
    EXPECT_EQ(open(DocumentRoot("/proc"), {"self", "root", "etc"}).kind, Kind::absent);
  });
}

TEST_P(DocumentRootTest, root_of_the_file_system) {
  with_kernel([this] {
    Words words;
    for (const auto& part : std::filesystem::path(tree.path("file")).relative_path()) {
      words.push_back(part.string());
    }
    for (const Symlinks policy : kPolicies) {
      EXPECT_EQ(content_of(open(DocumentRoot("/", policy), words)), "content");
    }
  });
}

TEST_P(DocumentRootTest, no_regular_file) {
  tree.fifo("fifo");
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", tree.path("socket").c_str());
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(listener);
  with_kernel([this] {
    for (const Symlinks policy : kPolicies) {
      const DocumentRoot root(tree.path(), policy);
      const OpenedPath fifo = open(root, {"fifo"});
      EXPECT_EQ(fifo.kind, Kind::other);
      EXPECT_FALSE(fifo.fd);
      EXPECT_FALSE(open(root, {"socket"}).fd);
      EXPECT_EQ(open(DocumentRoot("/dev", policy), {"zero"}).kind, Kind::other);
    }
  });
}

TEST_P(DocumentRootTest, unreadable) {
  tree.file("locked", "locked");
  tree.mode("locked", 0);
  tree.directory("closed");
  tree.file("closed/file", "closed");
  tree.mode("closed", 0);
  with_kernel([this] {
    const Unprivileged user;
    for (const Symlinks policy : kPolicies) {
      const DocumentRoot root(tree.path(), policy);
      EXPECT_EQ(open(root, {"locked"}).ec, std::errc::permission_denied);
      EXPECT_EQ(open(root, {"closed"}).ec, std::errc::permission_denied);
      EXPECT_EQ(open(root, {"closed", "file"}).ec, std::errc::permission_denied);
    }
  });
  tree.mode("closed", 0755);
}

TEST_P(DocumentRootTest, root_may_be_renamed) {
  with_kernel([this] {
    tree.link("dir/absolute", tree.path("moved/inner"));
    for (const Symlinks policy : kPolicies) {
      const DocumentRoot root(tree.path("dir"), policy);
      std::filesystem::rename(tree.path("dir"), tree.path("moved"));
      EXPECT_EQ(content_of(open(root, {"inner"})), "inner");
      EXPECT_EQ(open(root, {"absolute"}).kind,
                policy == Symlinks::none ? Kind::absent : Kind::file);
      std::filesystem::rename(tree.path("moved"), tree.path("dir"));
    }
  });
}

TEST_P(DocumentRootTest, nothing_leaks) {
  with_kernel([this] {
    tree.fifo("fifo");
    tree.link("out", outside.path("secret"));
    const DocumentRoot root(tree.path());
    const int next = ::dup(0);
    ::close(next);
    for (const Words& words :
         {Words{"file"}, Words{"dir"}, Words{"fifo"}, Words{"out"}, Words{"missing"}}) {
      open(root, words);
    }
    const int afterwards = ::dup(0);
    ::close(afterwards);
    EXPECT_EQ(next, afterwards);
  });
}

TEST_P(DocumentRootTest, descriptors_are_close_on_exec) {
  with_kernel([this] {
    for (const Symlinks policy : kPolicies) {
      const OpenedPath file = open(DocumentRoot(tree.path(), policy), {"file"});
      EXPECT_NE(::fcntl(file.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
    }
  });
}

TEST_P(DocumentRootTest, directory_that_turns_into_a_link_meanwhile) {
  // Two names that somebody swaps all the time: a directory, and a link to the outside.
  tree.directory("swap");
  tree.file("swap/file", "inside");
  tree.link("other", outside.path("private"));
  std::atomic<bool> done = false;
  std::thread swapping([&] {
    while (!done) {
      ::syscall(SYS_renameat2, AT_FDCWD, tree.path("swap").c_str(), AT_FDCWD,
                tree.path("other").c_str(), RENAME_EXCHANGE);
    }
  });
  with_kernel([this] {
    const DocumentRoot root(tree.path());
    for (int i = 0; i < 3000; ++i) {
      const OpenedPath opened = open(root, {"swap", "file"});
      if (opened.kind == Kind::file) {
        ASSERT_EQ(content_of(opened), "inside");
      }
    }
  });
  done = true;
  swapping.join();
}

TEST(DocumentRoot, missing_directory) {
  try {
    const DocumentRoot root("/nowhere/at/all");
    FAIL() << "nothing was thrown";
  } catch (const OSError& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("open directory /nowhere/at/all: "));
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  }
}

TEST(DocumentRoot, no_directory) {
  const TemporaryTree tree;
  tree.file("file");
  try {
    const DocumentRoot root(tree.path("file"));
    FAIL() << "nothing was thrown";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::not_a_directory);
  }
}

}  // namespace
}  // namespace socketserver::http
