#include "temporary_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <socketserver/base/error.hpp>

namespace socketserver::testing {
namespace {

void require(bool done, const std::string& action) {
  if (!done) throw_os_error(last_error(), action);
}

/// For this thread only: the C library would do it for all of them.
int set_fs_uid(int uid) {
  return static_cast<int>(::syscall(SYS_setfsuid, uid));
}

}  // namespace

TemporaryTree::TemporaryTree()
    : path_((std::filesystem::temp_directory_path() / "socketserver.XXXXXX").string()) {
  require(::mkdtemp(path_.data()) != nullptr, "mkdtemp " + path_);
  require(::chmod(path_.c_str(), 0755) == 0, "chmod " + path_);
}

TemporaryTree::~TemporaryTree() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryTree::file(std::string_view name, std::string_view content) const {
  std::ofstream out(path(name), std::ios::binary);
  out << content;
  if (!out.flush()) throw std::runtime_error("write " + path(name));
}

void TemporaryTree::directory(std::string_view name) const {
  require(::mkdir(path(name).c_str(), 0755) == 0, "mkdir " + path(name));
}

void TemporaryTree::link(std::string_view name, const std::string& target) const {
  require(::symlink(target.c_str(), path(name).c_str()) == 0, "symlink " + path(name));
}

void TemporaryTree::fifo(std::string_view name) const {
  require(::mkfifo(path(name).c_str(), 0666) == 0, "mkfifo " + path(name));
}

void TemporaryTree::mode(std::string_view name, mode_t bits) const {
  require(::chmod(path(name).c_str(), bits) == 0, "chmod " + path(name));
}

void TemporaryTree::modified_at(std::string_view name, std::int64_t seconds,
                                long nanoseconds) const {
  const timespec time{seconds, nanoseconds};
  const std::array<timespec, 2> times = {time, time};
  require(::utimensat(AT_FDCWD, path(name).c_str(), times.data(), 0) == 0,
          "utimensat " + path(name));
}

Unprivileged::Unprivileged() : before_(set_fs_uid(65534)) {}

Unprivileged::~Unprivileged() {
  set_fs_uid(before_);
}

}  // namespace socketserver::testing
