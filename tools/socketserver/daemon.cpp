#include "daemon.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

#include <socketserver/base/error.hpp>

namespace socketserver::tool {
namespace {

constexpr int kNeverServed = 1;

/// Waits for the word that it serves, or for the end of all who could send it.
int wait_for_word(const UniqueFd& daemon) {
  char word = 0;
  ssize_t size = 0;
  do {
    size = ::recv(daemon.get(), &word, 1, 0);
  } while (size < 0 && errno == EINTR);
  return size == 1 ? 0 : kNeverServed;
}

}  // namespace

std::optional<int> Daemon::begin() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    throw_os_error(last_error(), "socketpair");
  }
  UniqueFd daemon(ends[0]);
  starter_ = UniqueFd(ends[1]);
  null_ = UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null_) throw_os_error(last_error(), "open /dev/null");

  std::cout.flush();
  const pid_t leader = ::fork();
  if (leader < 0) throw_os_error(last_error(), "fork");
  if (leader > 0) {
    starter_.reset();
    while (::waitpid(leader, nullptr, 0) < 0 && errno == EINTR) {
    }
    return wait_for_word(daemon);
  }
  daemon.reset();
  ::setsid();
  // Who leads no session gets no terminal, whatever it opens.
  const pid_t follower = ::fork();
  if (follower < 0) std::fprintf(stderr, "socketserver: fork: %s\n", std::strerror(errno));
  if (follower != 0) ::_exit(0);
  return std::nullopt;
}

void Daemon::detach() {
  if (::chdir("/") < 0) throw_os_error(last_error(), "chdir /");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null_.get(), fd);
  null_.reset();
  // If nobody waits any more, that is no reason not to serve.
  [[maybe_unused]] const ssize_t sent = ::send(starter_.get(), "", 1, MSG_NOSIGNAL);
  starter_.reset();
}

}  // namespace socketserver::tool
