#include "tests/soak/usage.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "tests/processes.hpp"

namespace socketserver::soak {
namespace {

/// 0 when the process has ended meanwhile.
std::size_t entries_of(const std::string& directory) {
  std::error_code gone;
  const std::filesystem::directory_iterator entries(directory, gone);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace

Usage usage_of(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  Usage usage{.descriptors = entries_of(process + "/fd"),
              .threads = entries_of(process + "/task"),
              .processes = 1};
  std::ifstream status(process + "/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    status >> usage.resident_bytes;
    usage.resident_bytes *= 1024;
  }
  return usage;
}

Usage usage_of_tree(pid_t pid) {
  Usage sum = usage_of(pid);
  for (const pid_t child : testing::children_of(pid)) {
    const Usage usage = usage_of(child);
    sum.resident_bytes += usage.resident_bytes;
    sum.descriptors += usage.descriptors;
    sum.threads += usage.threads;
    sum.processes += usage.processes;
  }
  return sum;
}

bool keeps_growing(const std::vector<Usage>& measured) {
  const auto third = static_cast<std::ptrdiff_t>(measured.size() / 3);
  if (third == 0) return false;
  const auto most = [](auto from, auto to) {
    return std::ranges::max_element(from, to, {}, &Usage::resident_bytes)->resident_bytes;
  };
  const std::size_t middle = most(measured.begin() + third, measured.end() - third);
  const std::size_t last = most(measured.end() - third, measured.end());
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  return last > middle + std::max(middle / 20, kMebibyte);
}

}  // namespace socketserver::soak
