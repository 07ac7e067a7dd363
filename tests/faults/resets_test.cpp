// Clients that reset their connection at every point of a request and its answer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>
#include <vector>

#include <socketserver/testing/raw_client.hpp>

#include "tests/faults/suite.hpp"

namespace socketserver::faults {
namespace {

constexpr std::size_t kStep = kSanitized ? 7 : 1;

class Resets : public Faults {
 protected:
  std::string request() const {
    if (GetParam().protocol == Protocol::lines) return "a line\nand half a li";
    return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
           "5\r\nhello\r\n0\r\n\r\nGET /" +
           std::string(kFileName) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
};

TEST_P(Resets, at_every_byte_sent_and_received) {
  Trial trial(GetParam(), {}, directory());
  ASSERT_TRUE(trial.wait_until_serving());
  const std::string whole = request();
  for (std::size_t sent = 0; sent <= whole.size(); sent += kStep) {
    testing::RawClient client(trial.address(), kPatience);
    client.send(whole.substr(0, sent));
    client.reset();
  }
  for (std::size_t received = 1; received <= 7; ++received) {
    testing::RawClient client(trial.address(), kPatience);
    client.send(whole);
    client.read(received);
    client.reset();
  }
  EXPECT_EQ(ask_until_answered(trial), "");
  EXPECT_EQ(trial.end(), "");
}

TEST_P(Resets, while_calls_are_short_and_interrupted) {
  const Calls writes = {Call::send, Call::sendmsg, Call::sendfile};
  const Calls both = {Call::recv, Call::send, Call::sendmsg, Call::sendfile};
  for (const Plan& plan :
       {Plan{.calls = GetParam().reads_may_be_short() ? both : writes, .most = 1},
        Plan{.calls = both, .error = EINTR, .first = 1, .every = 2}}) {
    Trial trial(GetParam(), plan, directory());
    ASSERT_TRUE(trial.wait_until_serving());
    for (std::size_t sent = 0; sent <= request().size(); sent += 5) {
      testing::RawClient client(trial.address(), kPatience);
      client.send(request().substr(0, sent));
      client.reset();
    }
    EXPECT_EQ(ask_until_answered(trial), "");
    EXPECT_EQ(trial.end(), "");
  }
}

std::vector<Cell> stream_cells() {
  std::vector<Cell> cells;
  std::ranges::copy_if(all_cells(), std::back_inserter(cells),
                       [](const Cell& cell) { return cell.protocol != Protocol::packets; });
  return cells;
}

INSTANTIATE_TEST_SUITE_P(, Resets, ::testing::ValuesIn(stream_cells()), name_of_cell);

}  // namespace
}  // namespace socketserver::faults
