#pragma once

#include <csignal>
#include <initializer_list>
#include <memory>

#include <socketserver/base/deadline.hpp>
#include <socketserver/server/base_server.hpp>

namespace socketserver {

/// Ends a server when the program gets a signal: Ctrl-C, or a service manager's stop.
///
/// ```cpp
/// StopOnSignals stop(server);
/// try {
///   server.serve_forever();
/// } catch (const KeyboardInterrupt&) {
///   std::cout << "bye\n";
/// }
/// ```
/// The first signal ends the loop; `serve_forever()` drains and throws KeyboardInterrupt. A second
/// one cuts the drain short. A `handle_request()` throws it at its next wait.
///
/// With a delay the first signal only announces the end: `readiness()` is `stopping` at once, so
/// that balancers send nobody any more, while the loop goes on accepting and serving for that long.
/// A second signal ends the delay, a third one cuts the drain short. A signal that comes while no
/// loop runs is not delayed. In a prefork server the master has the delay, and its workers know.
///
/// Thread: construct and destroy it on one thread while the server lives.
/// Differs from Python: there the interpreter turns Ctrl-C into an exception by itself; a library
/// must be asked to touch signals.
class [[nodiscard]] StopOnSignals {
 public:
  /// @param server  borrowed; must outlive this object.
  /// @param delay  from the first signal to the stop. 0: none.
  /// @throws std::logic_error when another StopOnSignals exists; OSError "sigaction".
  explicit StopOnSignals(BaseServer& server, std::initializer_list<int> signals = {SIGINT, SIGTERM},
                         Duration delay = Duration::zero());

  /// Restores what the signals did before.
  ~StopOnSignals();

  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace socketserver
