#pragma once

#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <socketserver/base/mutex.hpp>
#include <socketserver/socketserver.hpp>

namespace example {

/// What a client offers, while it waits for another.
struct Offer {
  socketserver::Socket& socket;
  const socketserver::Address& from;
  std::string line;
  std::optional<std::string> answer = {};
};

/// Brings clients together in pairs. Any thread.
class Swap {
 public:
  /// Waits for the partner and returns its line; nothing when the client leaves before it has one.
  std::optional<std::string> exchange(Offer& mine) {
    std::unique_lock lock(mutex_);
    if (Offer* const first = std::exchange(waiting_, nullptr)) {
      first->answer = mine.line;
      first->socket.shutdown(socketserver::Direction::read);  // ends its wait
      std::cout << "swapped \"" << first->line << "\" from " << first->from << " with \""
                << mine.line << "\" from " << mine.from << std::endl;
      return first->line;
    }
    waiting_ = &mine;
    lock.unlock();
    wait_for_end_of_stream(mine.socket);
    lock.lock();
    if (waiting_ == &mine) waiting_ = nullptr;
    return mine.answer;
  }

 private:
  static void wait_for_end_of_stream(socketserver::Socket& socket) try {
    while (!socket.recv(4096).empty()) continue;
  } catch (const socketserver::OSError&) {
    // The client left, if not in good order.
  }

  socketserver::Mutex mutex_;
  Offer* waiting_ = nullptr;  // guarded by mutex_
};

}  // namespace example
