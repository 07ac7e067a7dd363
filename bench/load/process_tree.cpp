#include "load/process_tree.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <socketserver/base/error.hpp>

namespace socketserver::bench {
namespace {

/// What /proc/PID/stat says about one process.
struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  long children_ticks = 0;  ///< User and system time of children that were waited for.
};

std::string proc_path(pid_t pid, std::string_view file) {
  return "/proc/" + std::to_string(pid) + '/' + std::string(file);
}

/// Nothing when the process has ended.
std::optional<Process> read_process(pid_t pid) {
  std::ifstream file(proc_path(pid, "stat"));
  std::string text;
  std::getline(file, text, '\0');
  // The name, in parentheses, may hold anything, so that the fields count from the last one.
  const std::size_t name_end = text.rfind(')');
  if (name_end == text.npos) return std::nullopt;
  const std::vector<std::string> fields = [&] {
    std::istringstream rest(text.substr(name_end + 1));
    return std::vector<std::string>(std::istream_iterator<std::string>(rest), {});
  }();
  constexpr std::size_t kParent = 4 - 3;  // proc(5) counts from 1, and the first here is the third
  constexpr std::size_t kChildrenUser = 16 - 3;
  constexpr std::size_t kChildrenSystem = 17 - 3;
  if (fields.size() <= kChildrenSystem) return std::nullopt;
  return Process{pid, static_cast<pid_t>(std::stol(fields[kParent])),
                 std::stol(fields[kChildrenUser]) + std::stol(fields[kChildrenSystem])};
}

std::vector<Process> all_processes() {
  std::vector<Process> processes;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    if (auto process = read_process(static_cast<pid_t>(std::stol(name)))) {
      processes.push_back(*process);
    }
  }
  return processes;
}

/// The process and all its descendants.
std::vector<Process> process_tree(pid_t root) {
  const std::optional<Process> first = read_process(root);
  if (!first) {
    throw_os_error(std::make_error_code(std::errc::no_such_process),
                   "process " + std::to_string(root));
  }
  std::vector<Process> tree{*first};
  const std::vector<Process> all = all_processes();
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const pid_t parent = tree[i].pid;
    for (const Process& process : all) {
      if (process.parent == parent) tree.push_back(process);
    }
  }
  return tree;
}

/// Of all threads that the process has and had; zero when it has ended.
std::chrono::nanoseconds cpu_time_of(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// The value of a line "name:  value kB" in bytes; 0 when there is none.
std::uint64_t value_in(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ':')) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

}  // namespace

std::chrono::nanoseconds cpu_time_of_tree(pid_t root) {
  const auto ticks_per_second = ::sysconf(_SC_CLK_TCK);
  std::chrono::nanoseconds total{};
  for (const Process& process : process_tree(root)) {
    total += cpu_time_of(process.pid);
    total +=
        std::chrono::nanoseconds(std::chrono::seconds(process.children_ticks)) / ticks_per_second;
  }
  return total;
}

std::uint64_t memory_of_tree(pid_t root) {
  std::uint64_t total = 0;
  for (const Process& process : process_tree(root)) {
    // Not VmRSS: the kernel counts it per processor and lets it lag by hundreds of KiB.
    total += value_in(proc_path(process.pid, "smaps_rollup"), "Pss");
    total += value_in(proc_path(process.pid, "status"), "VmPTE");
  }
  return total;
}

}  // namespace socketserver::bench
