#include <socketserver/server/forked_requests.hpp>

#include <signal.h>

#include <string>

#include "server/child_processes.hpp"
#include "server/engine_access.hpp"
#include "server/exception_text.hpp"
#include "server/server_loop.hpp"

namespace socketserver::detail {
namespace {

[[noreturn]] void serve_in_child(BaseServer& server, Request& request,
                                 const Address& client_address) noexcept {
  EngineAccess::leave_listeners(server);
  // A process has a worker for its connection and nothing else: it waits itself.
  request.set_parking(nullptr);
  const RequestOutcome outcome = EngineAccess::run_request(server, request, client_address);
  exit_child(outcome.failed || outcome.exit ? 1 : 0);
}

}  // namespace

struct ForkedRequests::State {
  void take_ended(const BaseServer& server);
  bool wait_idle(BaseServer& server, Deadline deadline, bool until_forced);

  ChildProcesses children;
  bool forked = false;
  bool killed = false;  // by us: then a signal is nothing to report
};

ForkedRequests::ForkedRequests() : state_(std::make_unique<State>()) {}

ForkedRequests::~ForkedRequests() = default;

void ForkedRequests::start(BaseServer& server, Request& request, const Address& client_address) {
  const pid_t pid = state_->children.fork(server.options().fork_with_threads, request.ticket());
  if (pid == 0) serve_in_child(server, request, client_address);
  state_->forked = true;
  // The request is the child's now, so its end here must not look like a failure of it.
  try {
    EngineAccess::close_request(server, request);
  } catch (...) {
    log_current_exception(server, "close_request failed");
  }
  request.close();
}

std::size_t ForkedRequests::running() const noexcept {
  return state_->children.running();
}

std::optional<std::set<pid_t>> ForkedRequests::pids() const {
  if (!state_->forked) return std::nullopt;
  return state_->children.pids();
}

bool ForkedRequests::has_room(const BaseServer& server, std::size_t most) {
  if (running() >= most) state_->take_ended(server);
  return running() < most;
}

void ForkedRequests::collect(const BaseServer& server) {
  state_->take_ended(server);
}

bool ForkedRequests::wait_for_request(BaseServer& server, int fd, Deadline deadline,
                                      bool until_stop) {
  ChildProcesses& children = state_->children;
  const bool ready = EngineAccess::loop(server).wait_ready(
      fd, until_stop, Deadline::earlier(deadline, children.next_look()), children.ended_fd());
  state_->take_ended(server);
  return ready;
}

void ForkedRequests::wait_all(BaseServer& server) {
  state_->wait_idle(server, Deadline::never(), false);
}

void ForkedRequests::drain(BaseServer& server, bool kill) {
  ServerLoop& loop = EngineAccess::loop(server);
  if (state_->wait_idle(server, loop.stop_deadline(), true)) return;
  if (!loop.forced()) {
    loop.force();
    server.log(LogLevel::warning,
               "drain: requests cut short after the grace period: " + std::to_string(running()));
  }
  if (state_->wait_idle(server, Deadline::after(kForcedChildEnd), false) || !kill) return;
  server.log(LogLevel::warning, "drain: child processes killed: " + std::to_string(running()));
  state_->killed = true;
  state_->children.send_all(SIGKILL);
  state_->wait_idle(server, Deadline::never(), false);
  state_->killed = false;
}

void ForkedRequests::State::take_ended(const BaseServer& server) {
  for (const ChildEnd& end : children.take_ended()) {
    if (!end.by_signal || killed) continue;
    server.log(LogLevel::error,
               "child process " + std::to_string(end.pid) + " of a request ended by " + end.text());
  }
}

/// False when some are running although the deadline has passed, or the stop was forced.
bool ForkedRequests::State::wait_idle(BaseServer& server, Deadline deadline, bool until_forced) {
  ServerLoop& loop = EngineAccess::loop(server);
  for (;;) {
    take_ended(server);
    if (children.running() == 0) return true;
    if (deadline.expired() || (until_forced && loop.forced())) return false;
    loop.wait_ready(-1, false, Deadline::earlier(deadline, children.next_look()),
                    children.ended_fd());
  }
}

}  // namespace socketserver::detail
