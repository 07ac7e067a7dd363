// Memory runs out, once, at every point of a server's life.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/faults/suite.hpp"

namespace socketserver::faults {
namespace {

// As many points of a server's life as there is time for.
constexpr unsigned kPoints = kSanitized ? 20 : 400;

using FailingMemory = Faults;

TEST_P(FailingMemory, one_failure_harms_one_client_at_most) {
  expect_survival({}, 0);
  ASSERT_FALSE(HasFailure());
  const unsigned allocations = counts()[Call::operator_new];
  const unsigned step = std::max(1U, allocations / kPoints);
  for (unsigned n = 1; n <= allocations; n += step) {
    expect_survival(failing(Call::operator_new, ENOMEM, n), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(, FailingMemory, ::testing::ValuesIn(all_cells()), name_of_cell);

}  // namespace
}  // namespace socketserver::faults
