#include <socketserver/server/stop_on_signals.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>

#include "base/sanitizers.hpp"
#include "server/child_signals.hpp"
#include "server/server_loop.hpp"

namespace socketserver {
namespace {

// A signal handler gets no argument of ours, so the loop that it stops has to be found here.
std::atomic<detail::ServerLoop*> watched_loop{nullptr};

// A bit for each signal that a StopOnSignals has.
std::atomic<std::uint64_t> watched_signals{0};

constexpr std::uint64_t bit_of(int signal) noexcept {
  return std::uint64_t{1} << (signal - 1);
}

// What is between the first of them and the stop, in units of Duration.
std::atomic<Duration::rep> watched_delay{0};

// How many signal handlers may be using that loop at this moment, on whatever threads.
std::atomic<int> handlers_running{0};

void stop_watched_loop(int signal) {
  detail::ServerLoop* loop = watched_loop.load();
  if (loop == nullptr) return;
  // Between two loops there is nothing to cut short, and the next one must not be.
  if (loop->stop_signal() != 0 && loop->stop_asked()) {
    loop->force();
  } else if (const Duration delay(watched_delay);
             delay <= Duration::zero() || !loop->announce_stop(signal, delay)) {
    loop->ask_stop(signal);
  }
  // For a `handle_request` that waits, which no stop can end, and for one who drains.
  loop->wake();
}

extern "C" void socketserver_on_signal(int signal) {
  ++handlers_running;
  stop_watched_loop(signal);
  --handlers_running;
}

}  // namespace

bool detail::is_watched(int signal) noexcept {
  return (watched_signals & bit_of(signal)) != 0;
}

void detail::forget_watched_signals() noexcept {
  watched_loop = nullptr;
  handlers_running = 0;  // those of other threads, which did not come along
  for (int signal = 1; signal < NSIG; ++signal) {
    if (is_watched(signal)) leave_signal_to_parent(signal);
  }
  watched_signals = 0;
}

struct StopOnSignals::Saved {
  std::vector<std::pair<int, struct sigaction>> actions;

  void restore() noexcept {
    for (const auto& [signal, action] : actions) ::sigaction(signal, &action, nullptr);
    watched_signals = 0;
    watched_loop = nullptr;
    while (handlers_running != 0) std::this_thread::yield();
  }
};

StopOnSignals::StopOnSignals(BaseServer& server, std::initializer_list<int> signals, Duration delay)
    : saved_(std::make_unique<Saved>()) {
  saved_->actions.reserve(signals.size());  // once one is changed, nothing but sigaction may fail
  detail::ServerLoop* nobody = nullptr;
  if (!watched_loop.compare_exchange_strong(nobody, server.loop_.get())) {
    throw std::logic_error("StopOnSignals: another one watches the signals already");
  }
  detail::prepare_for_signals();
  watched_delay = std::min(delay, Duration::max() / 2).count();
  for (const int signal : signals) {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = socketserver_on_signal;
    action.sa_flags = SA_RESTART;  // the loop is woken otherwise; handlers' own calls go on
    if (::sigaction(signal, &action, &before) < 0) {
      const auto code = last_error();
      saved_->restore();
      throw_os_error(code, "sigaction");
    }
    saved_->actions.emplace_back(signal, before);
    watched_signals |= bit_of(signal);
  }
}

StopOnSignals::~StopOnSignals() {
  saved_->restore();
}

}  // namespace socketserver
