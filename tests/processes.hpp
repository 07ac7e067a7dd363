#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <system_error>

namespace socketserver::testing {

/// Where each thread of a process is described.
inline std::filesystem::directory_iterator threads_of(pid_t process) {
  std::error_code gone;
  return std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone);
}

/// The child processes of a process, those that ended and nobody has asked after included.
inline std::set<pid_t> children_of(pid_t parent) {
  std::set<pid_t> children;
  for (const auto& thread : threads_of(parent)) {
    std::ifstream file(thread.path() / "children");
    for (pid_t child = 0; file >> child;) children.insert(child);
  }
  return children;
}

/// Whether all threads of a process wait for something.
inline bool sleeps(pid_t process) {
  for (const auto& thread : threads_of(process)) {
    std::ifstream file(thread.path() / "stat");
    std::string line;
    std::getline(file, line);
    if (line.find(") S ") == std::string::npos) return false;
  }
  return true;
}

}  // namespace socketserver::testing
