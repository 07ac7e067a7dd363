#pragma once

// The children of a server that forks by itself.

#include <sys/types.h>
#include <sys/wait.h>

#include <csignal>
#include <iostream>
#include <vector>

namespace example {

/// Prints and kills those that still run.
inline void kill_processes(std::vector<pid_t> active) {
  // Who has ended is let go. Until then its number cannot become another process's.
  std::erase_if(active, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) == pid; });
  std::cout << "active processes : [";
  for (const pid_t& pid : active) std::cout << (&pid == &active.front() ? "" : ", ") << pid;
  std::cout << ']' << std::endl;
  for (const pid_t pid : active) {
    std::cout << "-> killing process " << pid << std::endl;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

}  // namespace example
