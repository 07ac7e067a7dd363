#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/flow.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/fiber/scheduler.hpp>
#include <socketserver/server/fiber_loops.hpp>

#include "base/timer_wheel.hpp"
#include "server/engine_access.hpp"
#include "server/server_loop.hpp"

namespace socketserver::detail {

/// How the connections of one loop wait: parked, with the server's stop in mind.
class FiberWaiter final : public Waiter {
 public:
  FiberWaiter(Scheduler& scheduler, ServerLoop& server) noexcept
      : scheduler_(scheduler), server_(server) {}

  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override {
    // A hook of the serving thread, for instance.
    if (Flow::current().is_thread()) return server_.wait(fd, interest, deadline, idle);
    if (server_.stop_asked() && (idle || server_.cancelled()))
      return std::make_error_code(std::errc::operation_canceled);
    return scheduler_.wait(fd, interest, deadline, idle);
  }

  void yield() override {
    if (!Flow::current().is_thread()) scheduler_.yield();
  }

  bool cancelled() const noexcept override { return server_.cancelled(); }
  void forget(int fd) noexcept override { scheduler_.forget(fd); }

 private:
  Scheduler& scheduler_;
  ServerLoop& server_;
};

/// A connection of handlers that park, from its beginning to its end: its place is here, whether a
/// fiber serves it or it waits without one. The request knows its loop, as the place where it
/// parks.
struct FiberLoops::Connection final : Scheduler::Sleeper, TimerWheel::Timer {
  Connection(ParkingPlace& loop, Request& its_request, const Address& its_client)
      : request(std::move(its_request)), client_address(its_client) {
    request.set_parking(&loop);
  }
  virtual ~Connection() = default;  // final, so never by way of a base; the linter cannot tell

  void wake(Reason reason) noexcept override;

  // Here, where the timer leaves a gap.
  bool parked = false;
  bool last_moment = false;  // the server stops, and it may still ask
  [[no_unique_address]] Request request;
  const Address client_address;
};

/// One event loop, with the thread that runs it unless that is the serving one.
class FiberLoops::Loop final : public ParkingPlace {
 public:
  enum class Runs { on_serving_thread, on_own_thread };

  Loop(BaseServer& server, State& state, SchedulerOptions options, std::size_t most_fibers,
       Runs runs)
      : server_(server),
        state_(state),
        runs_(runs),
        most_fibers_(most_fibers),
        scheduler_(std::move(options)),
        waiter_(scheduler_, EngineAccess::loop(server)) {
    if (runs == Runs::on_own_thread) start_thread();
  }

  virtual ~Loop() {  // final, so never by way of a base; the linter cannot tell
    if (!thread_.joinable()) return;
    ending_ = true;
    scheduler_.notify();
  }

  Scheduler& scheduler() noexcept { return scheduler_; }
  bool is_serving_threads() const noexcept { return runs_ == Runs::on_serving_thread; }

  /// Makes the fiber of a request; when there can be none, the request is untouched. Thread: the
  /// loop's.
  template <class Ended>
  void spawn(Request& request, const Address& client_address, Ended ended) {
    request.set_waiter(waiter_);
    struct Life {
      BaseServer& server;
      Request request;
      Address client_address;
      Ended ended;

      void operator()() {
        EngineAccess::run_request(server, request, client_address);
        ended();
      }
    };
    Life life{server_, std::move(request), client_address, std::move(ended)};
    try {
      scheduler_.spawn(std::move(life));
    } catch (...) {
      request = std::move(life.request);
      throw;
    }
  }

  // A connection stays where it is, and its `wants_to_park` says that it waits.
  bool park(Request& /*request*/, const Address& /*client_address*/) noexcept override {
    return true;
  }

  /// Takes a connection of handlers that park. Thread: the loop's.
  void admit(Request& request, const Address& client_address);

  /// A connection without a fiber has something to read, or must end. Thread: the loop's.
  void resume(Connection& connection, Scheduler::Sleeper::Reason reason) noexcept;

  /// As Scheduler::run_until_ready; meanwhile the connections whose time is over end.
  int run_until_ready(Deadline deadline);

  void cancel_waits(bool idle_only) {
    if (is_serving_threads()) return scheduler_.cancel_waits(idle_only);
    cut_ = idle_only ? Cut::idle : Cut::all;
    scheduler_.notify();
  }

  /// Connections that have no fiber. Any thread.
  std::size_t parked() const noexcept { return parked_.load(std::memory_order_relaxed); }

 private:
  enum class Cut : std::uint8_t { nothing, idle, all };

  void run();
  void start_thread();
  bool is_fresh(const Connection& connection) const noexcept;
  bool give_last_moment(Connection& connection) noexcept;
  void start(Connection& connection) noexcept;
  void call_fiber();
  void serve_waiting() noexcept;
  void serve(Connection& connection) noexcept;
  void tell_of_free_fiber();
  bool settle(Connection& connection) noexcept;
  bool sleep(Connection& connection) noexcept;
  void set_timer(Connection& connection, Tick until) noexcept;
  void end(Connection& connection) noexcept;
  void count_parked(std::size_t more) noexcept {
    parked_.store(parked() + more, std::memory_order_relaxed);  // nobody else writes
  }

  BaseServer& server_;
  State& state_;
  const Runs runs_;
  const std::size_t most_fibers_;    // of connections that park; 0: any number
  std::deque<Connection*> waiting_;  // for a fiber
  std::size_t fibers_ = 0;           // that serve them
  bool fiber_called_ = false;        // one more is about to begin
  int served_ = 0;                   // connections, since the last one was woken
  TimerWheel timers_;                // of the parked connections, and some that were parked
  Tick sleeps_until_ = 0;            // how long `run_until_ready` has been told to run
  std::atomic<std::size_t> parked_{0};
  // What the loop is notified of; a message would need memory, which may be all there is too little
  // of.
  std::atomic<bool> ending_{false};
  std::atomic<Cut> cut_{Cut::nothing};

  Scheduler scheduler_;  // behind what its last fibers look at
  FiberWaiter waiter_;
  std::jthread thread_;
};

struct FiberLoops::State {
  void make_loops(BaseServer& server);
  Scheduler& first() { return loops.front()->scheduler(); }
  void watch(int& watched, int fd);
  void hand_over(BaseServer& server, Request& request, const Address& client_address);
  void take(Loop& loop, BaseServer& server, Request& request, const Address& client_address);
  void serve_now(BaseServer& server, Request& request, const Address& client_address);
  std::size_t parked() const noexcept SOCKETSERVER_REQUIRES(mutex);
  void begin();
  void end(BaseServer& server);
  void fiber_ended(BaseServer& server);

  ServerLoop* server_loop = nullptr;
  std::size_t next_loop = 0;
  bool serving_forever = false;

  // What the first loop watches; −1: not.
  int listener = -1;
  int stop = -1;
  int wake = -1;

  mutable ThreadMutex mutex;
  std::size_t running SOCKETSERVER_GUARDED_BY(mutex) = 0;
  std::atomic<bool> room_wanted{false};  // written under the lock
  bool idle_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;

  // Written by the serving thread only, and under the lock. Last, so that they end before what
  // their fibers use.
  std::vector<std::unique_ptr<Loop>> loops;
};

}  // namespace socketserver::detail
