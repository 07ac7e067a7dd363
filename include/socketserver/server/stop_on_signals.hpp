#pragma once

#include <csignal>
#include <initializer_list>
#include <memory>

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
/// Thread: construct and destroy it on one thread while the server lives.
/// Differs from Python: there the interpreter turns Ctrl-C into an exception by itself; a library
/// must be asked to touch signals.
class [[nodiscard]] StopOnSignals {
 public:
  /// @param server  borrowed; must outlive this object.
  /// @throws std::logic_error when another StopOnSignals exists; OSError "sigaction".
  explicit StopOnSignals(BaseServer& server,
                         std::initializer_list<int> signals = {SIGINT, SIGTERM});

  /// Restores what the signals did before.
  ~StopOnSignals();

  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace socketserver
