#include "server/master_signals.hpp"

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "base/sanitizers.hpp"
#include "server/child_signals.hpp"

namespace socketserver::detail {
namespace {

constexpr std::array kSignals = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTTIN, SIGTTOU};

// A signal handler gets no argument of ours, so all that it needs has to be found here.
std::atomic<ServerLoop*> masters_loop{nullptr};
std::array<std::atomic<int>, NSIG> arrived{};

// How many signal handlers may be using that loop at this moment, on whatever threads.
std::atomic<int> handlers_running{0};

extern "C" void socketserver_on_master_signal(int signal) {
  ++handlers_running;
  ++arrived[static_cast<std::size_t>(signal)];
  if (ServerLoop* const loop = masters_loop.load()) loop->wake();
  --handlers_running;
}

}  // namespace

MasterSignals::MasterSignals(ServerLoop& loop) {
  saved_.reserve(kSignals.size());
  ServerLoop* nobody = nullptr;
  if (!masters_loop.compare_exchange_strong(nobody, &loop)) {
    throw std::logic_error("serve_forever: another prefork server is being served already");
  }
  prepare_for_signals();
  for (const int signal : kSignals) {
    take(signal);  // meant for one that has ended
    if (is_watched(signal)) continue;
    saved_.emplace_back(signal, set_handler(signal, socketserver_on_master_signal));
  }
}

MasterSignals::~MasterSignals() {
  for (const auto& [signal, action] : saved_) ::sigaction(signal, &action, nullptr);
  masters_loop = nullptr;
  while (handlers_running != 0) std::this_thread::yield();
}

int MasterSignals::take(int signal) noexcept {
  return arrived[static_cast<std::size_t>(signal)].exchange(0);
}

void MasterSignals::leave() noexcept {
  masters_loop = nullptr;
  handlers_running = 0;  // those of other threads, which did not come along
  for (const auto& [signal, action] : saved_) {
    if (signal == SIGHUP || signal == SIGTTIN || signal == SIGTTOU) {
      set_handler(signal, SIG_DFL);
    } else {
      leave_signal_to_parent(signal);
    }
  }
  saved_.clear();
}

void MasterSignals::unblock() noexcept {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : kSignals) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace socketserver::detail
