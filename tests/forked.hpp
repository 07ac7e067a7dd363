#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace socketserver::testing {

/// Forks, and returns the exit status with which the child ends: what `body()` returns there, or -1
/// when it ends in another way.
template <class Body>
int exit_status_of_fork(const Body& body) {
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) ::_exit(body());
  int status = 0;
  if (::waitpid(child, &status, 0) != child) {
    throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace socketserver::testing
