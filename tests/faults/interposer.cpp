// The C library's calls, as this program sees them: each is counted, fails or moves less when the
// plan says so, and is else passed on to the next one of its name, the library's or a sanitizer's.
//
// A definition in the program comes before those of shared libraries, whoever calls. What the C
// library calls inside itself does not come here.

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <new>

#include "tests/faults/plan.hpp"

namespace socketserver::faults {
namespace {

constinit std::atomic<Course*> armed_course{nullptr};
constinit thread_local bool thread_is_spared = false;

/// The course that this call counts for; null when it does not.
[[gnu::noinline]] Course* course() noexcept {
  return thread_is_spared ? nullptr : armed_course.load(std::memory_order_relaxed);
}

/// What is to become of a call.
struct Fate {
  int error = 0;
  std::size_t most = Plan::kAnySize;
};

Fate count(Call call) noexcept {
  Course* const now = course();
  if (now == nullptr) return {};
  const unsigned n = ++now->counts[call];
  const Plan& plan = now->plan;
  if (!plan.calls.contains(call) || !plan.strikes_at(n)) return {};
  ++now->struck;
  return {plan.error, plan.most};
}

/// Counts the call; true when it fails, and errno says how.
bool fails(Call call) noexcept {
  const Fate fate = count(call);
  if (fate.error != 0) errno = fate.error;
  return fate.error != 0;
}

bool is_stream(int fd) noexcept {
  int type = 0;
  socklen_t length = sizeof type;
  return ::syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
         type == SOCK_STREAM;
}

/// The next definition of a name, found once.
void* next(std::atomic<void*>& found, const char* name) noexcept {
  void* function = found.load(std::memory_order_relaxed);
  if (function == nullptr) {
    function = ::dlsym(RTLD_NEXT, name);
    found.store(function, std::memory_order_relaxed);
  }
  return function;
}

timespec moved(timespec time, std::int64_t nanoseconds) noexcept {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t all = time.tv_sec * kSecond + time.tv_nsec + nanoseconds;
  return {.tv_sec = all / kSecond, .tv_nsec = all % kSecond};
}

std::int64_t ahead(clockid_t clock) noexcept {
  const Course* const now = course();
  if (now == nullptr) return 0;
  if (clock == CLOCK_REALTIME) return now->wall_clock;
  return clock == CLOCK_MONOTONIC ? now->steady_clock.load() : 0;
}

}  // namespace

void arm(Course& course_to_take) noexcept {
  armed_course = &course_to_take;
}

void disarm() noexcept {
  armed_course = nullptr;
}

Spared::Spared() noexcept : before_(thread_is_spared) {
  thread_is_spared = true;
}

Spared::~Spared() {
  thread_is_spared = before_;
}

}  // namespace socketserver::faults

using socketserver::faults::Call;
using socketserver::faults::count;
using socketserver::faults::course;
using socketserver::faults::fails;
using socketserver::faults::is_stream;
using socketserver::faults::next;
using socketserver::faults::Plan;

// The function that the one defined here hides.
#define SOCKETSERVER_NEXT(name)                                     \
  ([]() noexcept {                                                  \
    static constinit std::atomic<void*> found{nullptr};             \
    return reinterpret_cast<decltype(&::name)>(next(found, #name)); \
  }())

extern "C" {

// Sockets

int socket(int family, int type, int protocol) noexcept {
  if (fails(Call::socket)) return -1;
  return SOCKETSERVER_NEXT(socket)(family, type, protocol);
}

int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  if (fails(Call::bind)) return -1;
  return SOCKETSERVER_NEXT(bind)(fd, address, length);
}

int listen(int fd, int backlog) noexcept {
  if (fails(Call::listen)) return -1;
  return SOCKETSERVER_NEXT(listen)(fd, backlog);
}

int connect(int fd, const sockaddr* address, socklen_t length) {
  if (fails(Call::connect)) return -1;
  return SOCKETSERVER_NEXT(connect)(fd, address, length);
}

int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  if (fails(Call::accept4)) return -1;
  return SOCKETSERVER_NEXT(accept4)(fd, address, length, flags);
}

int getsockname(int fd, sockaddr* address, socklen_t* length) noexcept {
  if (fails(Call::getsockname)) return -1;
  return SOCKETSERVER_NEXT(getsockname)(fd, address, length);
}

int getsockopt(int fd, int level, int name, void* value, socklen_t* length) noexcept {
  if (fails(Call::getsockopt)) return -1;
  return SOCKETSERVER_NEXT(getsockopt)(fd, level, name, value, length);
}

int setsockopt(int fd, int level, int name, const void* value, socklen_t length) noexcept {
  if (fails(Call::setsockopt)) return -1;
  return SOCKETSERVER_NEXT(setsockopt)(fd, level, name, value, length);
}

int shutdown(int fd, int how) noexcept {
  if (fails(Call::shutdown)) return -1;
  return SOCKETSERVER_NEXT(shutdown)(fd, how);
}

// Bytes

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  const auto fate = count(Call::recv);
  if (fate.error != 0) return errno = fate.error, -1;
  if (fate.most < size && is_stream(fd)) size = fate.most;
  return SOCKETSERVER_NEXT(recv)(fd, buffer, size, flags);
}

ssize_t recvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* from, socklen_t* length) {
  if (fails(Call::recvfrom)) return -1;
  return SOCKETSERVER_NEXT(recvfrom)(fd, buffer, size, flags, from, length);
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  if (fails(Call::recvmsg)) return -1;
  return SOCKETSERVER_NEXT(recvmsg)(fd, message, flags);
}

ssize_t send(int fd, const void* data, size_t size, int flags) {
  const auto fate = count(Call::send);
  if (fate.error != 0) return errno = fate.error, -1;
  if (fate.most < size && is_stream(fd)) size = fate.most;
  return SOCKETSERVER_NEXT(send)(fd, data, size, flags);
}

ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
               socklen_t length) {
  if (fails(Call::sendto)) return -1;
  return SOCKETSERVER_NEXT(sendto)(fd, data, size, flags, to, length);
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  const auto fate = count(Call::sendmsg);
  if (fate.error != 0) return errno = fate.error, -1;
  if (fate.most == Plan::kAnySize || !is_stream(fd))
    return SOCKETSERVER_NEXT(sendmsg)(fd, message, flags);
  // The first parts, as far as they fit.
  std::array<iovec, 16> parts{};
  msghdr less = *message;
  less.msg_iov = parts.data();
  less.msg_iovlen = 0;
  std::size_t room = fate.most;
  for (std::size_t i = 0; i < message->msg_iovlen && i < parts.size() && room > 0; ++i) {
    parts[i] = message->msg_iov[i];
    parts[i].iov_len = std::min(parts[i].iov_len, room);
    room -= parts[i].iov_len;
    ++less.msg_iovlen;
  }
  return SOCKETSERVER_NEXT(sendmsg)(fd, &less, flags);
}

ssize_t sendfile(int to, int from, off_t* offset, size_t size) noexcept {
  const auto fate = count(Call::sendfile);
  if (fate.error != 0) return errno = fate.error, -1;
  return SOCKETSERVER_NEXT(sendfile)(to, from, offset, std::min(size, fate.most));
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  const auto fate = count(Call::pread);
  if (fate.error != 0) return errno = fate.error, -1;
  return SOCKETSERVER_NEXT(pread)(fd, buffer, std::min(size, fate.most), offset);
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
  const auto fate = count(Call::pwrite);
  if (fate.error != 0) return errno = fate.error, -1;
  return SOCKETSERVER_NEXT(pwrite)(fd, buffer, std::min(size, fate.most), offset);
}

ssize_t writev(int fd, const iovec* parts, int parts_count) {
  if (fails(Call::writev)) return -1;
  return SOCKETSERVER_NEXT(writev)(fd, parts, parts_count);
}

// Descriptors

int close(int fd) {
  // It is closed whatever close(2) returns.
  const auto fate = count(Call::close);
  const int result = SOCKETSERVER_NEXT(close)(fd);
  if (auto* const now = course(); now != nullptr && result < 0 && errno == EBADF) ++now->bad_closes;
  if (fate.error != 0) return errno = fate.error, -1;
  return result;
}

int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const long argument = va_arg(arguments, long);
  va_end(arguments);
  if (fails(Call::fcntl)) return -1;
  return SOCKETSERVER_NEXT(fcntl)(fd, command, argument);
}

int epoll_create1(int flags) noexcept {
  if (fails(Call::epoll_create1)) return -1;
  return SOCKETSERVER_NEXT(epoll_create1)(flags);
}

int epoll_ctl(int set, int operation, int fd, epoll_event* event) noexcept {
  if (fails(Call::epoll_ctl)) return -1;
  return SOCKETSERVER_NEXT(epoll_ctl)(set, operation, fd, event);
}

int epoll_wait(int set, epoll_event* events, int most, int timeout) {
  const int error = count(Call::epoll_wait).error;
  // The kernel interrupts no look that does not wait. A loop that looks at three sets each turn
  // would never learn of one of them, if each third call was interrupted.
  if (error != 0 && (error != EINTR || timeout != 0)) {
    errno = error;
    return -1;
  }
  return SOCKETSERVER_NEXT(epoll_wait)(set, events, most, timeout);
}

int poll(pollfd* entries, nfds_t size, int timeout) {
  if (fails(Call::poll)) return -1;
  return SOCKETSERVER_NEXT(poll)(entries, size, timeout);
}

int eventfd(unsigned value, int flags) noexcept {
  if (fails(Call::eventfd)) return -1;
  return SOCKETSERVER_NEXT(eventfd)(value, flags);
}

// Files

// The analyzer takes a list for unset although va_start has set it.
// NOLINTBEGIN(clang-analyzer-valist.Uninitialized)

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (fails(Call::open)) return -1;
  return SOCKETSERVER_NEXT(open)(path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if (fails(Call::openat)) return -1;
  return SOCKETSERVER_NEXT(openat)(directory, path, flags, mode);
}

// NOLINTEND(clang-analyzer-valist.Uninitialized)

DIR* opendir(const char* path) {
  if (fails(Call::opendir)) return nullptr;
  return SOCKETSERVER_NEXT(opendir)(path);
}

int fstat(int fd, struct stat* status) noexcept {
  if (fails(Call::fstat)) return -1;
  return SOCKETSERVER_NEXT(fstat)(fd, status);
}

int lstat(const char* path, struct stat* status) noexcept {
  if (fails(Call::lstat)) return -1;
  return SOCKETSERVER_NEXT(lstat)(path, status);
}

int fsync(int fd) {
  if (fails(Call::fsync)) return -1;
  return SOCKETSERVER_NEXT(fsync)(fd);
}

int linkat(int from, const char* path, int to, const char* name, int flags) noexcept {
  if (fails(Call::linkat)) return -1;
  return SOCKETSERVER_NEXT(linkat)(from, path, to, name, flags);
}

int mkdirat(int directory, const char* path, mode_t mode) noexcept {
  if (fails(Call::mkdirat)) return -1;
  return SOCKETSERVER_NEXT(mkdirat)(directory, path, mode);
}

int renameat(int from, const char* path, int to, const char* name) noexcept {
  if (fails(Call::renameat)) return -1;
  return SOCKETSERVER_NEXT(renameat)(from, path, to, name);
}

int renameat2(int from, const char* path, int to, const char* name, unsigned flags) noexcept {
  if (fails(Call::renameat2)) return -1;
  return SOCKETSERVER_NEXT(renameat2)(from, path, to, name, flags);
}

int chmod(const char* path, mode_t mode) noexcept {
  if (fails(Call::chmod)) return -1;
  return SOCKETSERVER_NEXT(chmod)(path, mode);
}

int fchmod(int fd, mode_t mode) noexcept {
  if (fails(Call::fchmod)) return -1;
  return SOCKETSERVER_NEXT(fchmod)(fd, mode);
}

int unlink(const char* path) noexcept {
  if (fails(Call::unlink)) return -1;
  return SOCKETSERVER_NEXT(unlink)(path);
}

// Memory, threads, processes

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  if (fails(Call::mmap)) return MAP_FAILED;
  return SOCKETSERVER_NEXT(mmap)(address, size, protection, flags, fd, offset);
}

int mprotect(void* address, size_t size, int protection) noexcept {
  if (fails(Call::mprotect)) return -1;
  return SOCKETSERVER_NEXT(mprotect)(address, size, protection);
}

int madvise(void* address, size_t size, int advice) noexcept {
  if (fails(Call::madvise)) return -1;
  return SOCKETSERVER_NEXT(madvise)(address, size, advice);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* argument) noexcept {
  if (const int error = count(Call::pthread_create).error) return error;
  return SOCKETSERVER_NEXT(pthread_create)(thread, attributes, run, argument);
}

pid_t fork() noexcept {
  if (fails(Call::fork)) return -1;
  return SOCKETSERVER_NEXT(fork)();
}

int waitid(idtype_t type, id_t id, siginfo_t* info, int options) {
  if (fails(Call::waitid)) return -1;
  return SOCKETSERVER_NEXT(waitid)(type, id, info, options);
}

long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  std::array<long, 6> all{};
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): as above
  for (long& argument : all) argument = va_arg(arguments, long);
  va_end(arguments);
  if (number == SYS_pidfd_open && fails(Call::pidfd_open)) return -1;
  if (number == SYS_openat2 && fails(Call::openat)) return -1;
  return SOCKETSERVER_NEXT(syscall)(number, all[0], all[1], all[2], all[3], all[4], all[5]);
}

// Clocks

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = SOCKETSERVER_NEXT(clock_gettime)(clock, time);
  if (result == 0) *time = socketserver::faults::moved(*time, socketserver::faults::ahead(clock));
  return result;
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  const timespec then = socketserver::faults::moved(*until, -socketserver::faults::ahead(clock));
  return SOCKETSERVER_NEXT(pthread_cond_clockwait)(condition, mutex, clock, &then);
}

}  // extern "C"

// The rarer form (nothrow) comes here too: the library makes it of the plain one.

namespace {

/// Calls the operator of a (mangled) name that the one defined here hides.
template <class... Args>
void* allocate(std::atomic<void*>& found, const char* name, Args... args) {
  if (count(Call::operator_new).error != 0) throw std::bad_alloc();
  return reinterpret_cast<void* (*)(Args...)>(next(found, name))(args...);
}

}  // namespace

void* operator new(std::size_t size) {
  static constinit std::atomic<void*> found{nullptr};
  return allocate(found, "_Znwm", size);
}

void* operator new[](std::size_t size) {
  static constinit std::atomic<void*> found{nullptr};
  return allocate(found, "_Znam", size);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  static constinit std::atomic<void*> found{nullptr};
  return allocate(found, "_ZnwmSt11align_val_t", size, alignment);
}
