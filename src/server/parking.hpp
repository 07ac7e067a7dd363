#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

#include "base/timer_wheel.hpp"

namespace socketserver {

class BaseServer;

namespace detail {

/// Connections of a server that wait for their next bytes without a worker, all of them in one
/// epoll instance that the serving thread looks at. For every engine that has no event loops.
///
/// Thread safety: `park`, `patience` and `size` from any thread, the rest from the serving one.
class Parking final : public ParkingPlace {
 public:
  struct Parked {
    Request request;
    Address client_address;
  };

  /// @param server  borrowed.
  explicit Parking(BaseServer& server);
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;
  virtual ~Parking();  // final, so never by way of a base; the linter cannot tell

  /// Connections may park from now on. A second call does nothing.
  ///
  /// @throws OSError "epoll_create1".
  void open();

  /// When the server stops: gives the clients that have connected just now the moment in which what
  /// they ask for arrives.
  ///
  /// @param moment  how long; those that connected longer ago wait in vain.
  void await_fresh(Duration moment);

  /// None may any more; returns those that are here.
  std::vector<Parked> close();

  /// In a child process: closes the copies of what is the parent's.
  void leave() noexcept;

  bool park(Request& request, const Address& client_address) noexcept override;
  Duration patience() const noexcept override;
  bool takes_begun() const noexcept override { return true; }

  std::size_t size() const noexcept;

  /// What to wait for: readable when `take_ready` has something new. −1: not open.
  int fd() const noexcept { return epoll_.get(); }

  /// Says that the serving thread goes to sleep until the deadline at the latest; returns when it
  /// must look here again.
  ///
  /// @param takes  it will call `take_ready` then.
  Deadline sleep(Deadline deadline, bool takes);

  /// A connection that has something to be read; nothing when there is none. Ends the sleep.
  std::optional<Parked> take_ready();

  /// A connection whose time is over, or that its client has ended without a word. After
  /// `take_ready` has found nothing. One whose time is over in the middle of a message is ready
  /// instead: its client is owed an answer.
  std::optional<Parked> take_ended();

 private:
  struct Record;
  using Records = std::vector<std::unique_ptr<Record>>;  // by descriptor

  void look();
  std::optional<int> ended_or_expired() SOCKETSERVER_REQUIRES(mutex_);
  void expire(Record& record) SOCKETSERVER_REQUIRES(mutex_);
  bool lingers_on(Record& record) noexcept SOCKETSERVER_REQUIRES(mutex_);
  bool watch(int fd, bool again) noexcept;
  std::optional<Parked> take(std::unique_ptr<Record> record) SOCKETSERVER_REQUIRES(mutex_);

  BaseServer& server_;
  UniqueFd epoll_;
  std::vector<int> ready_;  // descriptors that had an event, the first one last
  std::vector<int> ended_;  // those of them that had nothing else

  mutable ThreadMutex mutex_;
  bool open_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  Records records_ SOCKETSERVER_GUARDED_BY(mutex_);
  std::size_t size_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;
  TimerWheel timers_ SOCKETSERVER_GUARDED_BY(mutex_);
  Tick sleeps_until_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;  // the serving thread; 0: it is awake
};

}  // namespace detail
}  // namespace socketserver
