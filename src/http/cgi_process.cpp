#include "http/cgi_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include <socketserver/base/error.hpp>

#include "server/child_signals.hpp"

namespace socketserver::http {
namespace {

// What a process that was killed gets to be gone, in milliseconds; the kernel needs no such time.
constexpr int kKilledTimeout = 1000;

/// What the child could not do, as it tells the parent.
struct Failure {
  enum class Step { directory, user, program };
  Step step;
  int error;
};

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

/// Beyond the three standard descriptors even when the server has closed some of them.
UniqueFd above_standard(int fd) {
  UniqueFd low(fd);
  if (fd > STDERR_FILENO) return low;
  UniqueFd high(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!high) throw_os_error(last_error(), "pipe");
  return high;
}

Pipe open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw_os_error(last_error(), "pipe");
  UniqueFd write(ends[1]);
  UniqueFd read = above_standard(ends[0]);
  return {std::move(read), above_standard(write.release())};
}

UniqueFd open_null(int flags) {
  const int fd = ::open("/dev/null", flags | O_CLOEXEC);
  if (fd < 0) throw_os_error(last_error(), "open /dev/null");
  return above_standard(fd);
}

void set_nonblocking(int fd) noexcept {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// Everything that the child needs, made before it exists: it must not allocate.
struct Plan {
  const char* path;
  char* const* arguments;
  char* const* environment;
  int directory;
  const CGIUser* user;
  int input;
  int output;
  int errors;
  int report;
  pid_t parent;
};

/// By system calls of its own: the C library's functions would change all threads of the process,
/// and the parent's are in the same memory.
bool become_user(const CGIUser& user) noexcept {
  if (::syscall(SYS_setgroups, user.groups.size(), user.groups.data()) != 0) return false;
  if (::syscall(SYS_setresgid, user.gid, user.gid, user.gid) != 0) return false;
  if (::syscall(SYS_setresuid, user.uid, user.uid, user.uid) != 0) return false;
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  const bool changed = ::getresuid(&real, &effective, &saved) == 0 && real == user.uid &&
                       effective == user.uid && saved == user.uid && ::getegid() == user.gid;
  if (changed && ::syscall(SYS_setuid, 0) != 0) return true;
  errno = EPERM;
  return false;
}

/// Runs in the child, which never leaves it. It may share its memory with the parent, all of whose
/// other threads go on: only system calls, and no memory but its own stack.
[[noreturn]] void become_program(const Plan& plan) noexcept {
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &by_default, nullptr);
  ::setpgid(0, 0);
  ::dup2(plan.input, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  if (plan.errors >= 0) ::dup2(plan.errors, STDERR_FILENO);
  // Also what others have opened without close-on-exec. Linux before 5.11 cannot.
  constexpr unsigned kCloseOnExec = 4;
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, kCloseOnExec);

  Failure failure{Failure::Step::user, 0};
  if (plan.user == nullptr || become_user(*plan.user)) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) ::_exit(127);
    failure.step = Failure::Step::directory;
    if (::fchdir(plan.directory) == 0) {
      failure.step = Failure::Step::program;
      sigset_t none;
      ::sigemptyset(&none);
      ::sigprocmask(SIG_SETMASK, &none, nullptr);
      ::execve(plan.path, plan.arguments, plan.environment);
    }
  }
  failure.error = errno;
  [[maybe_unused]] const ssize_t told = ::write(plan.report, &failure, sizeof failure);
  ::_exit(127);
}

/// A child in the parent's memory costs least; but one that changes its user would lend that memory
/// to the user for a moment.
pid_t start(const Plan& plan) noexcept {
  const detail::BlockedSignals blocked;
  // become_program keeps to its rules. NOLINTNEXTLINE(clang-analyzer-*.vfork,*.Vfork)
  const pid_t pid = plan.user != nullptr ? ::_Fork() : ::vfork();
  if (pid == 0) become_program(plan);
  return pid;
}

std::string describe(Failure::Step step, const CGIProgram& program) {
  switch (step) {
    case Failure::Step::user:
      return "become user " + program.user->name + " to run " + program.path;
    case Failure::Step::directory:
      return "enter the directory of " + program.path;
    case Failure::Step::program:
      break;
  }
  return "run " + program.path;
}

}  // namespace

CGIProcess::CGIProcess(const CGIProgram& program, bool reads_input) {
  Pipe output = open_pipe();
  Pipe report = open_pipe();
  Pipe input;
  if (reads_input) {
    input = open_pipe();
  } else {
    input.read = open_null(O_RDONLY);
  }
  const bool has_errors = ::fcntl(STDERR_FILENO, F_GETFD) >= 0;
  const UniqueFd no_errors = has_errors ? UniqueFd() : open_null(O_WRONLY);
  const auto arguments = pointers(program.arguments);
  const auto environment = pointers(program.environment);
  pid_ = start({.path = program.path.c_str(),
                .arguments = arguments.data(),
                .environment = environment.data(),
                .directory = program.directory,
                .user = program.user,
                .input = input.read.get(),
                .output = output.write.get(),
                .errors = no_errors.get(),
                .report = report.write.get(),
                .parent = ::getpid()});
  if (pid_ < 0) throw_os_error(last_error(), "fork");

  pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  const std::error_code unwatched = pidfd_ ? std::error_code() : last_error();
  report.write.reset();
  Failure failure{};
  ssize_t told = 0;
  do {
    told = ::read(report.read.get(), &failure, sizeof failure);
  } while (told < 0 && errno == EINTR);
  const bool failed = told == static_cast<ssize_t>(sizeof failure);
  if (failed || unwatched) {
    // A program that ignores SIGCHLD leaves nothing to be watched of a script that has ended.
    if (!failed && unwatched != std::errc::no_such_process) ::kill(-pid_, SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) < 0 && errno == EINTR) {
    }
    if (!failed) throw_os_error(unwatched, "pidfd_open");
    throw_os_error({failure.error, std::system_category()}, describe(failure.step, program));
  }
  input_ = std::move(input.write);
  output_ = std::move(output.read);
  if (input_) set_nonblocking(input_.get());
  set_nonblocking(output_.get());
}

CGIProcess::~CGIProcess() {
  if (pid_ == 0) return;
  signal_group(SIGKILL);
  pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  while (::poll(&ended, 1, kKilledTimeout) < 0 && errno == EINTR) {
  }
  take_end();
}

void CGIProcess::signal_group(int signal) noexcept {
  // As long as nobody has waited for the leader, no other group can have its number.
  if (pid_ != 0) ::kill(-pid_, signal);
}

std::optional<int> CGIProcess::take_end() noexcept {
  siginfo_t info{};
  const int result = ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED | WNOHANG);
  if (result == 0 && info.si_pid == 0) return std::nullopt;
  pid_ = 0;
  if (result != 0) return 0;
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

}  // namespace socketserver::http
