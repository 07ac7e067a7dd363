#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/faults/cells.hpp"
#include "tests/faults/plan.hpp"
#include "tests/faults/trial.hpp"
#include "tests/faults/visit.hpp"
#include "tests/unit/http/temporary_tree.hpp"

namespace socketserver::faults {

// Sanitizers make a trial many times as expensive.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// The trials of one kind of server.
class Faults : public ::testing::TestWithParam<Cell> {
 protected:
  Faults() { tree_.file(kFileName, file_content()); }

  /// Has the usual clients visit a server whose calls go wrong as planned, and looks whether they
  /// and the server's end are as they must be.
  ///
  /// @param most_harmed  how many clients may lack their answer when calls went wrong.
  void expect_survival(const Plan& plan, int most_harmed) {
    Trial trial(GetParam(), plan, tree_.path());
    Experience experience;
    if (trial.wait_until_serving()) experience = visit(trial);
    const std::string end = trial.end();
    EXPECT_EQ(end, "") << plan.text();
    if (!trial.has_refused()) {
      EXPECT_EQ(experience.problem, "") << plan.text();
      const int may_be_harmed = trial.struck() == 0 ? 0 : most_harmed;
      EXPECT_LE(experience.harmed, may_be_harmed) << plan.text();
    }
    for (std::size_t i = 0; i < kCalls; ++i) counts_.all[i] = trial.counts().all[i].load();
  }

  /// How often each call was made in the last trial.
  const Counts& counts() const noexcept { return counts_; }

  const std::string& directory() const noexcept { return tree_.path(); }

 private:
  testing::TemporaryTree tree_;
  Counts counts_;
};

inline std::string name_of_cell(const ::testing::TestParamInfo<Cell>& info) {
  return info.param.name;
}

inline void PrintTo(const Cell& cell, std::ostream* out) {
  *out << cell.name;
}

}  // namespace socketserver::faults
