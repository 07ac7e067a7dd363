// Processes of a server that are killed while they serve.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/faults/suite.hpp"

namespace socketserver::faults {
namespace {

using KilledWorkers = Faults;

/// The child processes of a process that has one thread.
std::vector<pid_t> children_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

TEST_P(KilledWorkers, do_not_take_the_server_with_them) {
  Trial trial(GetParam(), {}, directory());
  ASSERT_TRUE(trial.wait_until_serving());
  for (int i = 0; i < 3; ++i) {
    // In the middle of a request, so that there is a process in any case.
    std::optional<testing::RawClient> client;
    if (GetParam().protocol != Protocol::packets) {
      client.emplace(trial.address(), kPatience);
      client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    }
    std::vector<pid_t> children;
    if (GetParam().has_workers || client) {
      testing::wait_until(
          "there are processes", [&] { return !(children = children_of(trial.pid())).empty(); },
          kPatience);
    }
    for (const pid_t child : children) ::kill(child, SIGKILL);
    testing::wait_until(
        "they are gone",
        [&] {
          const auto left = children_of(trial.pid());
          return std::ranges::find_first_of(left, children) == left.end();
        },
        kPatience);
    EXPECT_EQ(ask_until_answered(trial), "");
  }
  EXPECT_EQ(trial.end(), "");
}

std::vector<Cell> cells_of_processes() {
  std::vector<Cell> cells;
  std::ranges::copy_if(all_cells(), std::back_inserter(cells), [](const Cell& cell) {
    return cell.has_workers || cell.name.starts_with("Forking");
  });
  return cells;
}

INSTANTIATE_TEST_SUITE_P(, KilledWorkers, ::testing::ValuesIn(cells_of_processes()), name_of_cell);

}  // namespace
}  // namespace socketserver::faults
