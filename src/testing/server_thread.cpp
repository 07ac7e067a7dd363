#include <socketserver/testing/server_thread.hpp>

#include <sstream>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/base/log.hpp>

#include "server/exception_text.hpp"

namespace socketserver::testing {
namespace {

constexpr Duration kQuietWait = std::chrono::seconds(2);
constexpr Duration kAskAgain = std::chrono::milliseconds(10);

std::string name_of(const BaseServer& server) {
  std::ostringstream out;
  out << "serve_forever() of " << server.server_address();
  return std::move(out).str();
}

}  // namespace

ServerThread::ServerThread(BaseServer& server, Duration poll_interval)
    : server_(server), ended_(name_of(server) + " returns"), thread_([this, poll_interval] {
        try {
          server_.serve_forever(poll_interval);
        } catch (...) {
          failure_ = std::current_exception();
        }
        ended_.set();
      }) {}

ServerThread::~ServerThread() {
  end_loop();
  try {
    rethrow();
  } catch (...) {
    stderr_log()(LogLevel::error, name_of(server_) + " threw, and nobody asked: " +
                                      detail::current_exception_text());
  }
}

void ServerThread::stop() {
  end_loop();
  rethrow();
}

void ServerThread::join() {
  ended_.wait();
  end_loop();
  rethrow();
}

void ServerThread::end_loop() {
  if (!thread_.joinable()) return;
  // shutdown() waits for the loop; and a second loop that is only about to start does not hear it.
  std::thread asking([this] {
    while (!ended_.wait_for(Duration::zero())) {
      server_.shutdown();
      if (ended_.wait_for(kAskAgain)) return;
    }
  });
  if (!ended_.wait_for(kQuietWait)) {
    stderr_log()(LogLevel::warning,
                 "ServerThread: still waiting for " + name_of(server_) +
                     " to return; a hook or a handler on its thread, or a request on another, has "
                     "not ended yet");
  }
  asking.join();
  thread_.join();
}

void ServerThread::rethrow() {
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace socketserver::testing
