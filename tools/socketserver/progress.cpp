#include "progress.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "write_all.hpp"

namespace socketserver::tool {
namespace {

constexpr std::string_view kErase = "\r\x1b[K";  // from the begin of the line to its end
constexpr std::size_t kUsualWidth = 80;

// How much of the rate that is shown comes from the last look: enough to follow, too little to
// flicker.
constexpr double kWeightOfLast = 0.3;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

std::size_t width_of(int terminal) {
  winsize size{};
  const bool known = ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsualWidth;
}

/// Keeps signals from the threads that are started in a scope: they are for those of the server.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

bool Progress::suits(const LogSettings& settings) {
  const std::string_view terminal = environment("TERM");
  return settings.file.empty() && !settings.service && settings.format != LogFormat::json &&
         settings.least <= LogLevel::info && ::isatty(STDERR_FILENO) != 0 && !terminal.empty() &&
         terminal != "dumb" && environment("NO_COLOR").empty();
}

Progress::Progress(Log& log, int terminal, Pace pace)
    : log_(log), terminal_(terminal), pace_(pace) {
  const SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
  log_.write_by([this](std::string_view line) { print(line); });
}

Progress::~Progress() {
  {
    const detail::ThreadLock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  log_.write_by(nullptr);
  const detail::ThreadLock lock(terminal_mutex_);
  show({});
}

void Progress::run() {
  mutex_.lock();
  while (!ending_) {
    idle_ = transfers_.empty() && !shows_;
    if (idle_) {
      changed_.wait(mutex_);
      idle_ = false;
      rate_ = 0;
      measured_at_ = Deadline::Clock::now();
    } else {
      changed_.wait_for(mutex_, pace_.every);
      measure(Deadline::Clock::now());
      mutex_.unlock();
      refresh();
      mutex_.lock();
    }
  }
  mutex_.unlock();
}

void Progress::print(std::string_view line) {
  const detail::ThreadLock lock(terminal_mutex_);
  if (shown_.empty()) return write_all(terminal_, line);
  // In one piece, for who looks must not see the line without its progress.
  write_all(terminal_, std::string(kErase).append(line).append(shown_));
}

/// Has the line say how it stands now.
void Progress::refresh() noexcept {
  try {
    const detail::ThreadLock lock(terminal_mutex_);
    std::string text;
    {
      const detail::ThreadLock inner(mutex_);
      text = compose();
    }
    show(std::move(text));
  } catch (const std::bad_alloc&) {
    // The next look tries again. Who serves has more to lose than a line.
  }
}

void Progress::show(std::string text) {
  if (text == shown_) return;
  write_all(terminal_, std::string(kErase).append(text));
  shown_ = std::move(text);
}

std::string Progress::compose() {
  const auto now = Deadline::Clock::now();
  std::vector<TransferState> states;
  for (const Transfer* const transfer : transfers_) {
    if (now - transfer->begun_ >= pace_.long_after) states.push_back(transfer->state());
  }
  shows_ = !states.empty();
  return progress_text(states, rate_, width_of(terminal_));
}

void Progress::measure(Deadline::Clock::time_point now) {
  std::uint64_t moved = 0;
  for (Transfer* const transfer : transfers_) {
    const std::uint64_t done = transfer->done();
    moved += done - std::exchange(transfer->measured_, done);
  }
  const std::chrono::duration<double> span = now - std::exchange(measured_at_, now);
  if (span.count() <= 0) return;
  const double last = static_cast<double>(moved) / span.count();
  rate_ = rate_ == 0 ? last : rate_ + kWeightOfLast * (last - rate_);
}

Progress::Transfer::Transfer(Progress& progress, std::string name,
                             std::optional<std::uint64_t> total)
    : progress_(progress), name_(std::move(name)), total_(total) {
  const detail::ThreadLock lock(progress_.mutex_);
  progress_.transfers_.push_back(this);
  if (progress_.idle_) progress_.changed_.notify_one();
}

Progress::Transfer::~Transfer() {
  bool was_last = false;
  {
    const detail::ThreadLock lock(progress_.mutex_);
    std::erase(progress_.transfers_, this);
    was_last = progress_.transfers_.empty() && progress_.shows_;
  }
  // Not later: the server may be about to say that it has stopped.
  if (was_last) progress_.refresh();
}

}  // namespace socketserver::tool
