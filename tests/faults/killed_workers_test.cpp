// Processes of a server that are killed while they serve.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/faults/suite.hpp"
#include "tests/processes.hpp"

namespace socketserver::faults {
namespace {

using KilledWorkers = Faults;

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
    std::set<pid_t> children;
    if (GetParam().has_workers || client) {
      testing::wait_until(
          "there are processes",
          [&] { return !(children = testing::children_of(trial.pid())).empty(); }, kPatience);
    }
    for (const pid_t child : children) ::kill(child, SIGKILL);
    testing::wait_until(
        "they are gone",
        [&] {
          const auto left = testing::children_of(trial.pid());
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
