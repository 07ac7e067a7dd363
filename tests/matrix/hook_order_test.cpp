// The order of the hooks, and the thread and process that each runs on.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"

namespace socketserver::matrix {
namespace {

using Names = std::vector<std::string>;
using Notes = std::vector<Note>;
using Threads = std::set<std::pair<pid_t, pid_t>>;

Names names_of(const Notes& notes) {
  Names names;
  for (const Note& note : notes) names.push_back(note.what);
  return names;
}

Threads threads_of(const Notes& notes) {
  Threads threads;
  for (const Note& note : notes) threads.emplace(note.process, note.thread);
  return threads;
}

template <class Cell>
class HookOrder : public CellTest<Cell> {
 protected:
  /// Serves a request that goes wrong in `failing`, then one that does not. The serving thread and
  /// the worker must make these calls for the first.
  void expect_calls(const char* failing, Names serving, Names worker, Work work = echo) {
    if (Cell::kForks && !worker.empty()) serving.push_back("close_request");
    const auto server = this->made(std::move(work));
    testing::ServerThread running(*server);
    this->journal.fail_next(failing);
    {
      typename CellTest<Cell>::Client client(server->server_address());
      request(client);
      if constexpr (!Cell::kDatagrams) client.wait_for_end();
    }
    testing::wait_until("the request has ended", [&] {
      return this->journal.notes().size() >= serving.size() + worker.size();
    });
    const Notes notes = this->journal.notes();
    typename CellTest<Cell>::Client next(server->server_address());
    request(next);
    this->journal.wait_for("get_request", 2);
    running.stop();
    const auto [served, worked] = divided(notes, serving.size());
    EXPECT_EQ(names_of(served), serving);
    EXPECT_EQ(names_of(worked), worker);
    expect_places(threads_of(served), threads_of(worked));
  }

 private:
  static void request(typename CellTest<Cell>::Client& client) {
    try {
      client.request("hello");
    } catch (const OSError&) {
      // It was turned away before it had said a word.
    }
  }

  /// What the serving thread did, and the worker. Two processes are not in step; within one, the
  /// worker begins when the serving thread has done its part.
  static std::pair<Notes, Notes> divided(const Notes& notes, std::size_t served) {
    std::pair<Notes, Notes> sides;
    for (const Note& note : notes) {
      const bool is_served =
          Cell::kForks ? note.process == ::getpid() : sides.first.size() < served;
      (is_served ? sides.first : sides.second).push_back(note);
    }
    return sides;
  }

  static void expect_places(const Threads& serving, const Threads& worker) {
    ASSERT_EQ(serving.size(), 1u) << "all on one thread";
    EXPECT_EQ(serving.begin()->first == ::getpid(), !Cell::kPreforks);
    if (worker.empty()) return;
    ASSERT_EQ(worker.size(), 1u) << "all on one thread";
    EXPECT_EQ(worker.begin()->first == serving.begin()->first, !Cell::kForks);
    EXPECT_EQ(worker == serving, Cell::kWorker != Worker::thread && !Cell::kForks);
  }
};

TYPED_TEST_SUITE(HookOrder, Cells, CellNames);

TYPED_TEST(HookOrder, SS_025_a_request) {
  this->expect_calls("", {"get_request", "verify_request", "process_request"},
                     {"finish_request", "handler", "setup", "handle", "finish", "shutdown_request",
                      "close_request"});
}

TYPED_TEST(HookOrder, the_handlers_constructor_throws) {
  this->expect_calls(
      "handler", {"get_request", "verify_request", "process_request"},
      {"finish_request", "handler", "handle_error", "shutdown_request", "close_request"});
}

TYPED_TEST(HookOrder, SS_027_setup_throws) {
  this->expect_calls(
      "setup", {"get_request", "verify_request", "process_request"},
      {"finish_request", "handler", "setup", "handle_error", "shutdown_request", "close_request"});
}

TYPED_TEST(HookOrder, SS_026_SS_064_handle_throws) {
  this->expect_calls("handle", {"get_request", "verify_request", "process_request"},
                     {"finish_request", "handler", "setup", "handle", "finish", "handle_error",
                      "shutdown_request", "close_request"});
}

TYPED_TEST(HookOrder, SS_028_finish_throws) {
  this->expect_calls("finish", {"get_request", "verify_request", "process_request"},
                     {"finish_request", "handler", "setup", "handle", "finish", "handle_error",
                      "shutdown_request", "close_request"});
}

TYPED_TEST(HookOrder, SS_033_handle_throws_and_handle_error_too) {
  this->expect_calls("handle_error", {"get_request", "verify_request", "process_request"},
                     {"finish_request", "handler", "setup", "handle", "finish", "handle_error",
                      "shutdown_request", "close_request"},
                     [](StreamRequestHandler&) { throw std::logic_error("no handler either"); });
}

TYPED_TEST(HookOrder, finish_request_throws) {
  this->expect_calls("finish_request", {"get_request", "verify_request", "process_request"},
                     {"finish_request", "handle_error", "shutdown_request", "close_request"});
}

TYPED_TEST(HookOrder, shutdown_request_throws) {
  this->expect_calls(
      "shutdown_request", {"get_request", "verify_request", "process_request"},
      {"finish_request", "handler", "setup", "handle", "finish", "shutdown_request"});
}

TYPED_TEST(HookOrder, SS_029_the_request_is_refused) {
  this->expect_calls("verification",
                     {"get_request", "verify_request", "shutdown_request", "close_request"}, {});
}

TYPED_TEST(HookOrder, SS_030_verify_request_throws) {
  this->expect_calls(
      "verify_request",
      {"get_request", "verify_request", "handle_error", "shutdown_request", "close_request"}, {});
}

TYPED_TEST(HookOrder, process_request_throws) {
  this->expect_calls("process_request",
                     {"get_request", "verify_request", "process_request", "handle_error",
                      "shutdown_request", "close_request"},
                     {});
}

}  // namespace
}  // namespace socketserver::matrix
