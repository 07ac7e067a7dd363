#pragma once

#include <condition_variable>
#include <mutex>

// Clang's -Wthread-safety proves at compile time that guarded fields are touched only under their
// mutex. libstdc++'s own mutex carries no annotations, hence the two thin classes below.
#if defined(__clang__)
#define SOCKETSERVER_ANNOTATE(x) __attribute__((x))
#else
#define SOCKETSERVER_ANNOTATE(x)
#endif

#define SOCKETSERVER_GUARDED_BY(mutex) SOCKETSERVER_ANNOTATE(guarded_by(mutex))
#define SOCKETSERVER_REQUIRES(mutex) SOCKETSERVER_ANNOTATE(requires_capability(mutex))

namespace socketserver::detail {

/// A std::mutex that the thread-safety analysis knows.
class SOCKETSERVER_ANNOTATE(capability("mutex")) ThreadMutex {
 public:
  void lock() SOCKETSERVER_ANNOTATE(acquire_capability()) { mutex_.lock(); }
  void unlock() SOCKETSERVER_ANNOTATE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a ThreadMutex for a scope.
class SOCKETSERVER_ANNOTATE(scoped_lockable) ThreadLock {
 public:
  explicit ThreadLock(ThreadMutex& mutex) SOCKETSERVER_ANNOTATE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~ThreadLock() SOCKETSERVER_ANNOTATE(release_capability()) { mutex_.unlock(); }
  ThreadLock(const ThreadLock&) = delete;
  ThreadLock& operator=(const ThreadLock&) = delete;

 private:
  ThreadMutex& mutex_;
};

}  // namespace socketserver::detail
