#include <socketserver/server/worker_processes.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/server/stop_on_signals.hpp>

#include "server/child_processes.hpp"
#include "server/child_signals.hpp"
#include "server/engine_access.hpp"
#include "server/entrance.hpp"
#include "server/exception_text.hpp"
#include "server/master_signals.hpp"

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstDelay = 100ms;  // before a worker that died is replaced
constexpr Duration kLongestDelay = 30s;
constexpr Duration kLongLife = 10s;  // after which a death is nothing of the start

std::string in_milliseconds(Duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) +
         " ms";
}

}  // namespace

class WorkerProcesses::Master {
 public:
  Master(BaseServer& server, std::size_t workers, std::function<void()> serve)
      : server_(server), serve_(std::move(serve)), signals_(loop()), target_(workers) {}

  bool is_worker() const noexcept { return is_worker_; }
  std::set<pid_t> pids() const { return children_.pids(); }

  void turn(Deadline deadline);
  void stop();

 private:
  /// A worker process. The master stops it by the loop, whose state they share.
  struct Worker {
    pid_t pid;
    std::unique_ptr<ServerLoop> loop;
    Deadline long_lived = Deadline::after(kLongLife);
    bool outdated = false;                  // started before the last HUP
    bool stopping = false;                  // told to end
    bool forced = false;                    // told to end at once
    Deadline patience = Deadline::never();  // how long it may take its time, as it has been told
  };

  ServerLoop& loop() noexcept { return EngineAccess::loop(server_); }
  std::size_t target() const noexcept { return stopping_ ? 0 : target_; }
  std::size_t active() const;
  Deadline next_task() const;

  void act();
  void obey_signals();
  void obey_stop_signals();
  void bury_ended();
  void bury(const Worker& worker, const ChildEnd& end);
  void stop_surplus();
  void replace_outdated();
  void start_missing();
  void hurry_stopping();

  bool try_start();
  void start_worker();
  [[noreturn]] void run_worker(std::unique_ptr<ServerLoop> own_loop, pid_t master,
                               const BlockedSignals& blocked) noexcept;
  void stop_worker(Worker& worker);
  void back_off(bool was_well) noexcept;

  BaseServer& server_;
  const std::function<void()> serve_;
  MasterSignals signals_;
  ChildProcesses children_;
  std::vector<Worker> workers_;  // the oldest first
  std::size_t target_;           // how many workers there should be while nobody stops
  bool started_ = false;         // all workers ran once
  bool stopping_ = false;
  bool stop_signalled_ = false;
  bool is_worker_ = false;
  Duration delay_ = Duration::zero();  // before the last start or the next
  Deadline next_start_ = Deadline::after(Duration::zero());
};

// The public part

WorkerProcesses::WorkerProcesses() = default;
WorkerProcesses::~WorkerProcesses() = default;

void WorkerProcesses::begin(BaseServer& server, std::size_t workers, std::function<void()> serve) {
  if (begun_.exchange(true)) {
    throw std::logic_error("serve_forever: this server is being served already");
  }
  ScopeExit undo([this]() noexcept { begun_ = false; });
  master_ = std::make_unique<Master>(server, workers, std::move(serve));
  undo.dismiss();
}

void WorkerProcesses::end() noexcept {
  master_.reset();
  begun_ = false;
}

bool WorkerProcesses::is_master() const noexcept {
  return master_ && !master_->is_worker();
}

void WorkerProcesses::turn(Deadline deadline) {
  master_->turn(deadline);
}

void WorkerProcesses::stop() {
  master_->stop();
}

std::set<pid_t> WorkerProcesses::pids() const {
  return master_ ? master_->pids() : std::set<pid_t>();
}

// The master

void WorkerProcesses::Master::turn(Deadline deadline) {
  act();
  loop().wait_ready(-1, true, Deadline::earlier(deadline, next_task()), children_.ended_fd());
}

void WorkerProcesses::Master::stop() {
  stopping_ = true;
  for (;;) {
    act();
    if (workers_.empty()) return;
    loop().wait_ready(-1, false, next_task(), children_.ended_fd());
  }
}

void WorkerProcesses::Master::act() {
  obey_signals();
  if (loop().stop_asked() && !stopping_) return;  // `stop` is about to be called
  bury_ended();
  stop_surplus();
  replace_outdated();
  start_missing();
  hurry_stopping();
  if (loop().stop_announced()) {
    for (const Worker& worker : workers_) worker.loop->announce_stop();
  }
}

Deadline WorkerProcesses::Master::next_task() const {
  Deadline next = children_.next_look();
  if (active() < target()) next = Deadline::earlier(next, next_start_);
  for (const Worker& worker : workers_) next = Deadline::earlier(next, worker.patience);
  return next;
}

std::size_t WorkerProcesses::Master::active() const {
  return static_cast<std::size_t>(std::ranges::count(workers_, false, &Worker::stopping));
}

void WorkerProcesses::Master::obey_signals() {
  obey_stop_signals();
  if (MasterSignals::take(SIGHUP) > 0) {
    for (Worker& worker : workers_) worker.outdated = true;
  }
  target_ += static_cast<std::size_t>(MasterSignals::take(SIGTTIN));
  const auto fewer = static_cast<std::size_t>(MasterSignals::take(SIGTTOU));
  target_ -= std::min(fewer, target_ - 1);
}

void WorkerProcesses::Master::obey_stop_signals() {
  for (int terms = MasterSignals::take(SIGTERM); terms > 0; --terms) {
    if (std::exchange(stop_signalled_, true)) loop().force();
    loop().ask_stop(0);
  }
  if (MasterSignals::take(SIGINT) + MasterSignals::take(SIGQUIT) == 0) return;
  loop().ask_stop(0);
  loop().force();
}

void WorkerProcesses::Master::bury_ended() {
  for (const ChildEnd& end : children_.take_ended()) {
    const auto worker = std::ranges::find(workers_, end.pid, &Worker::pid);
    const Worker ended = std::move(*worker);
    workers_.erase(worker);
    try {
      bury(ended, end);
    } catch (const std::bad_alloc&) {
      server_.log(LogLevel::error, "prefork: a worker ended; there is no memory to say how");
    }
  }
}

void WorkerProcesses::Master::bury(const Worker& worker, const ChildEnd& end) {
  const bool wanted = worker.stopping || stopping_;
  const bool in_order = !end.by_signal && end.status == 0;
  std::string report = "prefork: worker " + std::to_string(end.pid) + " ended: " + end.text();
  if (!wanted) {
    back_off(worker.long_lived.expired());
    report += "; a new one starts in " + in_milliseconds(delay_);
  }
  if (wanted && in_order) return;
  server_.log(in_order ? LogLevel::info : LogLevel::error, report);
}

void WorkerProcesses::Master::stop_surplus() {
  while (active() > target()) {
    stop_worker(*std::ranges::find(workers_, false, &Worker::stopping));
  }
}

void WorkerProcesses::Master::replace_outdated() {
  // One after the other, and only while the others are well: a program that cannot start any more
  // must not take all of them away.
  if (active() != target() || workers_.size() != active() || !next_start_.expired()) return;
  const auto oldest = std::ranges::find(workers_, true, &Worker::outdated);
  if (oldest == workers_.end()) return;
  const auto index = oldest - workers_.begin();
  if (!try_start()) return;
  Worker& old = workers_[static_cast<std::size_t>(index)];
  old.loop->hand_over();
  stop_worker(old);
}

void WorkerProcesses::Master::start_missing() {
  while (active() < target() && next_start_.expired() && try_start()) {
  }
  started_ = started_ || active() == target();
}

bool WorkerProcesses::Master::try_start() {
  try {
    start_worker();
    return true;
  } catch (const OSError& error) {
    if (!started_) throw;
    back_off(false);
    server_.log(LogLevel::error, std::string("prefork: ") + error.what() + "; trying again in " +
                                     in_milliseconds(delay_));
    return false;
  }
}

void WorkerProcesses::Master::back_off(bool was_well) noexcept {
  if (!next_start_.expired()) return;  // several died at once: that counts once
  delay_ = was_well ? kFirstDelay : std::clamp(delay_ * 2, kFirstDelay, kLongestDelay);
  next_start_ = Deadline::after(delay_);
}

void WorkerProcesses::Master::start_worker() {
  workers_.reserve(workers_.size() + 1);
  auto worker_loop = std::make_unique<ServerLoop>(server_.options().limits.drain_grace);
  if (loop().stop_announced()) worker_loop->announce_stop();
  const pid_t master = ::getpid();
  const BlockedSignals blocked;  // until the worker has handlers of its own
  const pid_t pid = children_.fork(server_.options().fork_with_threads);
  if (pid == 0) run_worker(std::move(worker_loop), master, blocked);
  workers_.push_back({.pid = pid, .loop = std::move(worker_loop)});
}

void WorkerProcesses::Master::stop_worker(Worker& worker) {
  worker.loop->ask_stop(SIGTERM);  // as the signal would
  worker.stopping = true;
  worker.patience = Deadline::after(server_.options().limits.drain_grace);
}

void WorkerProcesses::Master::hurry_stopping() {
  for (Worker& worker : workers_) {
    if (!worker.stopping) continue;
    if (!worker.forced && (loop().forced() || worker.patience.expired())) {
      worker.loop->force();
      worker.forced = true;
      worker.patience = Deadline::after(kForcedChildEnd);
    } else if (worker.forced && worker.patience.expired()) {
      children_.send(worker.pid, SIGKILL);
      worker.patience = Deadline::never();
      server_.log(LogLevel::warning,
                  "prefork: worker " + std::to_string(worker.pid) + " does not end; killed");
    }
  }
}

// A worker

void WorkerProcesses::Master::run_worker(std::unique_ptr<ServerLoop> own_loop, pid_t master,
                                         const BlockedSignals& blocked) noexcept {
  is_worker_ = true;
  signals_.leave();
  workers_.clear();
  // Still that of the master: state and events are shared.
  const auto inherited_loop = EngineAccess::renew_loop(server_, std::move(own_loop));
  int status = 0;
  try {
    EngineAccess::leave_workers(server_);
    const StopOnSignals stop(server_, {SIGTERM});
    blocked.restore();
    MasterSignals::unblock();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (target_ > 1) EngineAccess::entrance(server_).refusals.leave_to_others();
    if (::getppid() != master) exit_child(0);  // it died before it was asked for
    serve_();
    // Neither the master nor a signal stopped it, so `shutdown()` did, and meant the server.
    inherited_loop->ask_stop(0);
  } catch (const KeyboardInterrupt&) {
    // As the master or SIGTERM asked.
  } catch (const SystemExit& exit) {
    status = exit.status;
  } catch (...) {
    log_current_exception(server_, "prefork: a worker failed");
    status = 1;
  }
  exit_child(status);
}

}  // namespace socketserver::detail
