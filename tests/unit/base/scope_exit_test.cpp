#include <socketserver/base/scope_exit.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace socketserver {
namespace {

TEST(ScopeExit, runs_when_the_scope_ends) {
  int runs = 0;
  {
    const ScopeExit guard([&] { ++runs; });
    EXPECT_EQ(runs, 0);
  }
  EXPECT_EQ(runs, 1);
}

TEST(ScopeExit, runs_when_an_exception_ends_the_scope) {
  int runs = 0;
  try {
    const ScopeExit guard([&] { ++runs; });
    throw std::runtime_error("boom");
  } catch (const std::runtime_error&) {
    EXPECT_EQ(runs, 1);
  }
}

TEST(ScopeExit, does_not_run_once_dismissed) {
  int runs = 0;
  {
    ScopeExit guard([&] { ++runs; });
    guard.dismiss();
  }
  EXPECT_EQ(runs, 0);
}

TEST(ScopeExit, the_last_one_made_runs_first) {
  std::string order;
  {
    const ScopeExit first([&] { order += "first "; });
    const ScopeExit second([&] { order += "second "; });
  }
  EXPECT_EQ(order, "second first ");
}

}  // namespace
}  // namespace socketserver
