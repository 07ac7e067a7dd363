#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <concepts>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/base/log.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/processes.hpp"

namespace socketserver {

#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

/// Options of a server that forks the process of the tests, where helper threads of an earlier test
/// may linger.
inline ServerOptions forking(ServerOptions options = {}) {
  options.fork_with_threads = true;
  return options;
}

using testing::children_of;
using testing::sleeps;

/// A value that this process shares with those that it forks.
template <class T>
class Shared {
 public:
  Shared()
      : value_(new(::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          -1, 0)) T()) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { ::munmap(value_, sizeof(T)); }

  T& operator*() const noexcept { return *value_; }

 private:
  T* value_;
};

/// Something that happens in any process, once or several times.
class SharedEvent {
 public:
  explicit SharedEvent(std::string name) : name_(std::move(name)) {}

  void set() { ++*count_; }
  int count() const { return *count_; }
  void wait(int times = 1) const {
    testing::wait_until(name_, [&] { return count() >= times; });
  }

 private:
  std::string name_;
  Shared<std::atomic<int>> count_;
};

/// Keeps what several processes report.
class SharedLog {
 public:
  SharedLog() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) throw_os_error(last_error(), "pipe2");
    reading_ = UniqueFd(ends[0]);
    writing_ = UniqueFd(ends[1]);
  }

  LogSink sink() {
    return [fd = writing_.get()](LogLevel level, std::string_view message) {
      if (level == LogLevel::debug) return;
      const std::string line = std::string(message) + '\n';
      if (::write(fd, line.data(), line.size()) < 0) std::perror("SharedLog");
    };
  }

  /// The next line that is reported.
  std::string next() {
    testing::wait_until("something is reported", [this] { return !all().empty(); });
    const auto end = arrived_.find('\n');
    const std::string line = arrived_.substr(0, end);
    arrived_.erase(0, end + 1);
    return line;
  }

  /// All that has been reported and not been asked for.
  const std::string& all() {
    char buffer[4096];
    const ssize_t n = ::read(reading_.get(), buffer, sizeof buffer);
    if (n > 0) arrived_.append(buffer, static_cast<std::size_t>(n));
    return arrived_;
  }

 private:
  UniqueFd reading_;
  UniqueFd writing_;
  std::string arrived_;
};

/// Waits for a child of this process: its exit status, or minus the signal that ended it.
inline int status_of(pid_t child) {
  int status = 0;
  testing::wait_until("the child process ends",
                      [&] { return ::waitpid(child, &status, WNOHANG) == child; });
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// A server on a free address that runs in a process of its own, for a scope: a child of the test.
///
/// In that process expectations work, and none of its children may be left when it ends.
template <std::derived_from<BaseServer> Server>
class ServerProcess {
 public:
  using Run = std::function<void(Server&)>;

  static constexpr int kInterrupted = 130;  ///< The exit status after a KeyboardInterrupt.

  explicit ServerProcess(
      typename Server::Handler request_handler, ServerOptions options = {},
      const Run& run = [](Server& server) { server.serve_forever(); }) {
    // ThreadSanitizer has a thread of its own in every process.
    options.fork_with_threads |= kThreadSanitizer;
    server_ = make_server<Server>(testing::any_address<Server>(), std::move(request_handler),
                                  std::move(options));
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) run_here(run);
    server_->server_close();
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Stops it, unless somebody waited for its end.
  ~ServerProcess() {
    if (ended_) return;
    try {
      EXPECT_EQ(stop(), 0);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  const Address& address() const noexcept { return server_->server_address(); }
  pid_t pid() const noexcept { return pid_; }

  /// Another copy of the server: it shares its stopping with that one, and nothing else.
  Server& copy() noexcept { return *server_; }

  void signal(int number) const {
    // GCC 12's ThreadSanitizer may lose a signal that comes just when a fork returns.
    if (kThreadSanitizer) testing::wait_until("the server waits", [this] { return sleeps(pid_); });
    ::kill(pid_, number);
  }

  /// Shuts it down; returns as `wait`.
  int stop() {
    server_->shutdown();
    return wait();
  }

  /// Waits until it ends by itself: its exit status, or minus the signal that ended it.
  int wait() {
    const int status = status_of(pid_);
    ended_ = true;
    return status;
  }

 private:
  [[noreturn]] void run_here(const Run& run) {
    int status = 0;
    try {
      run(*server_);
    } catch (const KeyboardInterrupt&) {
      status = kInterrupted;
    } catch (const SystemExit& exit) {
      status = exit.status;
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    if (::testing::Test::HasFailure()) status = 99;
    std::cout.flush();
    std::fflush(nullptr);
    ::_exit(status);
  }

  std::unique_ptr<Server> server_;
  pid_t pid_ = -1;
  bool ended_ = false;
};

}  // namespace socketserver
