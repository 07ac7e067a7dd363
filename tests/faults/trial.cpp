#include "tests/faults/trial.hpp"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <set>
#include <system_error>
#include <thread>

#include <socketserver/base/error.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/stop_on_signals.hpp>

#include "tests/unit/server/fixtures.hpp"

// Of the sanitizers, where there is one.
extern "C" {
[[gnu::weak]] int __lsan_do_recoverable_leak_check();
[[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();
[[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());
}

namespace socketserver::faults {
namespace {

// Calls without which a server cannot start.
const Calls kOfTheStart = {Call::bind,           Call::chmod,      Call::epoll_create1,
                           Call::epoll_ctl,      Call::eventfd,    Call::fcntl,
                           Call::fork,           Call::fstat,      Call::getsockname,
                           Call::listen,         Call::mmap,       Call::open,
                           Call::openat,         Call::opendir,    Call::operator_new,
                           Call::pthread_create, Call::setsockopt, Call::socket};

std::atomic<unsigned>* crashes = nullptr;

void note_crash() {
  if (crashes != nullptr) ++*crashes;
}

/// Has a crash of this process, or of one that it forks, noted: whoever replaces a worker that has
/// crashed must not hide it.
void note_crashes(std::atomic<unsigned>& count) {
  crashes = &count;
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(note_crash);
  struct sigaction action {};
  action.sa_handler = [](int) { note_crash(); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // then it goes on as if there was no handler
  ::sigaction(SIGABRT, &action, nullptr);
  if (__sanitizer_set_death_callback != nullptr) return;
  ::sigaction(SIGSEGV, &action, nullptr);
  ::sigaction(SIGBUS, &action, nullptr);
}

/// What a sanitizer knows to be in use; 0 without one.
std::size_t bytes_in_use() {
  if (__sanitizer_get_current_allocated_bytes == nullptr) return 0;
  return __sanitizer_get_current_allocated_bytes();
}

/// By how much more a trial may have in use at its end than at its beginning: what was found to
/// leak nothing. To look costs more than the rest of a trial, and it is mostly the same that stays,
/// of threads that have ended or what is made once.
std::set<std::size_t> clean_growths{0};

bool has_children() {
  siginfo_t child{};
  return ::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// What handles the signals that stop a server.
std::array<void (*)(int), 2> signal_handlers() {
  std::array<void (*)(int), 2> handlers{};
  std::ranges::transform(std::array{SIGINT, SIGTERM}, handlers.begin(), [](int signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    return action.sa_handler;
  });
  return handlers;
}

/// Looks again and again, as nobody announces it; false after `kPatience`.
bool becomes(const std::function<bool()>& condition) {
  const Deadline deadline = Deadline::after(kPatience);
  while (!condition()) {
    if (deadline.expired()) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

std::string socket_path(const std::string& directory) {
  return directory + "/socket";
}

}  // namespace

Trial::Trial(const Cell& cell, const Plan& plan, const std::string& directory)
    : cell_(cell), directory_(directory) {
  shared_->course.plan = plan;
  pid_ = ::fork();
  if (pid_ < 0) throw_os_error(last_error(), "fork");
  if (pid_ == 0) run();
  ::setpgid(pid_, pid_);  // here and there, so that it is done whoever comes first
}

Trial::~Trial() {
  kill_all();
}

void Trial::kill_all() noexcept {
  ::kill(-pid_, SIGKILL);
  if (!ended_) ::waitpid(pid_, &status_, 0);
  ended_ = true;
}

// The server's process

void Trial::run() noexcept {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  note_crashes(shared_->crashes);
  ::signal(SIGTERM, [](int) {});  // for when it is no server any more
  const int descriptors = open_descriptors();
  const int threads = running_threads();
  const auto handlers = signal_handlers();
  const std::size_t memory = bytes_in_use();
  arm(shared_->course);
  try {
    serve();
  } catch (const std::system_error& error) {
    note(Thrown::system_error, error.code().value(), error.what());
  } catch (const std::bad_alloc& error) {
    note(Thrown::bad_alloc, ENOMEM, error.what());
  } catch (const std::exception& error) {
    note(Thrown::other, 0, error.what());
  } catch (...) {
    note(Thrown::other, 0, "no std::exception");
  }
  disarm();
  shared_->descriptors_left = open_descriptors() - descriptors;
  // The kernel shows a thread for a moment that has been joined already.
  becomes([&] { return running_threads() <= threads; });
  shared_->threads_left = running_threads() - threads;
  shared_->handlers_left = signal_handlers() != handlers;
  shared_->children_left = has_children();
  shared_->growth = bytes_in_use() - memory;
  if (__lsan_do_recoverable_leak_check != nullptr && !clean_growths.contains(shared_->growth)) {
    shared_->memory_left = __lsan_do_recoverable_leak_check() != 0;
  }
  shared_->phase = Phase::ended;
  ::_exit(0);
}

void Trial::serve() {
  ServerOptions options{.unlink_on_close = true, .workers = 2, .log = {}};
  if (cell_.is_unix) options.socket_mode = 0600;
  const Address address =
      cell_.is_unix ? Address::unix_path(socket_path(directory_)) : Address("127.0.0.1", 0);
  const auto server = cell_.make(address, options, directory_, shared_->requests);
  const StopOnSignals stop(*server);
  shared_->port = cell_.is_unix ? std::uint16_t{0} : server->server_address().port();
  shared_->phase = Phase::serving;
  try {
    server->serve_forever();
  } catch (const KeyboardInterrupt&) {
    // As `end` has asked.
  }
  shared_->phase = Phase::stopping;
  server->server_close();
}

void Trial::note(Thrown thrown, int code, const char* what) const noexcept {
  shared_->requests_before = shared_->requests;
  shared_->thrown = thrown;
  shared_->code = code;
  const std::string_view text(what);
  std::copy_n(text.begin(), std::min(text.size(), shared_->what.size() - 1), shared_->what.begin());
}

// The test's process

bool Trial::has_ended() {
  if (ended_) return true;
  ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return ended_;
}

bool Trial::wait_until_serving() {
  const bool begins = becomes([&] { return shared_->phase != Phase::starting || has_ended(); });
  if (!begins) throw TimeoutError("wait until the server listens, or does not");
  return shared_->phase == Phase::serving;
}

Address Trial::address() const {
  if (cell_.is_unix) return Address::unix_path(socket_path(directory_));
  return Address("127.0.0.1", shared_->port);
}

std::string Trial::end() {
  if (!has_ended()) ::kill(pid_, SIGTERM);
  if (!becomes([&] { return has_ended(); })) {
    const bool stops = shared_->phase == Phase::stopping;
    kill_all();
    return stops ? "it hangs in server_close" : "it does not stop";
  }
  std::string problem = problem_of_exception();
  const State& state = *shared_;
  if (!WIFEXITED(status_) || WEXITSTATUS(status_) != 0 || state.phase != Phase::ended) {
    const char* const how = WIFSIGNALED(status_) ? ::sigabbrev_np(WTERMSIG(status_)) : "exit";
    problem += std::string("; it crashed: ") + how;
  } else if (state.crashes > 0) {
    problem += "; a process of it crashed";
  }
  if (state.descriptors_left != 0) {
    problem += "; descriptors left: " + std::to_string(state.descriptors_left);
  }
  if (state.threads_left != 0) problem += "; threads left";
  if (state.handlers_left) problem += "; signal handlers left";
  if (state.children_left) problem += "; children left";
  if (state.memory_left) {
    problem += "; memory left";
  } else if (state.phase == Phase::ended) {
    clean_growths.insert(state.growth);
  }
  if (state.course.bad_closes > 0) problem += "; a descriptor was closed twice";
  const bool file_left = std::filesystem::remove(socket_path(directory_));
  if (file_left && !state.course.plan.calls.contains(Call::unlink)) {
    problem += "; the socket's file is left";
  }
  return problem.starts_with("; ") ? problem.substr(2) : problem;
}

std::string Trial::problem_of_exception() const {
  const State& state = *shared_;
  const std::string what = state.what.data();
  switch (state.thrown) {
    case Thrown::nothing:
      return "";
    case Thrown::other:
      return "; it threw what it must not: " + what;
    case Thrown::bad_alloc:
    case Thrown::system_error:
      break;
  }
  const std::string reason = std::system_category().message(state.code);
  const bool names_operation = what.ends_with(": " + reason) || state.thrown == Thrown::bad_alloc;
  if (state.course.plan.error != state.code) return "; it threw for its own reasons: " + what;
  if (!names_operation) return "; it does not say what failed: " + what;
  if (!state.course.plan.calls.overlaps(kOfTheStart)) return "; it is no reason to end: " + what;
  if (state.requests_before > 0 && !cell_.has_workers) return "; it gave up serving: " + what;
  return "";
}

}  // namespace socketserver::faults
