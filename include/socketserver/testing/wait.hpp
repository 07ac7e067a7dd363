#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>

namespace socketserver::testing {

/// How long the test kit waits for what should happen at once. Far longer than anything healthy
/// takes, so that a loaded machine fails no test, and short enough that a hang is a message.
inline constexpr Duration kPatience = std::chrono::seconds(10);

/// Something that happens in one thread, once or several times, and that others wait for.
///
/// ```cpp
/// Event served("the request is served");
/// TestServer<TCPServer> server([&](StreamRequestHandler&) { served.set(); });
/// RawClient client(server.address());
/// served.wait();
/// ```
/// Thread safety: every member from any thread.
class Event {
 public:
  /// @param name  what happens, for the message of a wait that is not fulfilled.
  explicit Event(std::string name);
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  /// It happened, once more.
  void set();

  /// How often it has happened.
  int count() const;

  /// Waits until it has happened `times` times in all.
  ///
  /// @throws TimeoutError naming the event after `kPatience`.
  void wait(int times = 1);

  /// As `wait`, for at most `span`; false when it has not happened by then.
  [[nodiscard]] bool wait_for(Duration span, int times = 1);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Waits for what nobody announces, such as a file that appears or a thread that the kernel buries:
/// looks every millisecond whether `condition` holds. Prefer an Event where there is a choice.
///
/// @param what  completes "timed out: wait until …".
/// @throws TimeoutError naming `what` when `patience` has passed.
void wait_until(std::string_view what, const std::function<bool()>& condition,
                Duration patience = kPatience);

}  // namespace socketserver::testing
