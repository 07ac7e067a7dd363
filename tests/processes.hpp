#pragma once

#include <sys/types.h>

#include <algorithm>
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

/// The letter of ps(1) for what a thread does; '\0' when there is no such thread any more.
inline char state_of(const std::filesystem::path& thread) {
  std::ifstream file(thread / "stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(") ");
  return name_end == line.npos ? '\0' : line[name_end + 2];
}

/// Whether all threads of a process wait for something.
inline bool sleeps(pid_t process) {
  const auto threads = threads_of(process);
  return std::ranges::all_of(threads, [](const auto& thread) { return state_of(thread) == 'S'; });
}

/// Whether no thread of a process does anything: they wait, or have ended.
inline bool rests(pid_t process) {
  const auto threads = threads_of(process);
  return std::ranges::none_of(threads, [](const auto& thread) {
    const char state = state_of(thread);
    return state == 'R' || state == 'D';
  });
}

}  // namespace socketserver::testing
