// fork() that leaves the allocators of sanitizers in order.
//
// glibc takes its allocator's locks around fork(), so that a child may allocate whatever the other
// threads of its parent were at. The allocators which AddressSanitizer and ThreadSanitizer of GCC
// 12 put in its place do not: a child forked while another thread fetches memory waits for ever at
// its own next allocation. Suites fork workers and children beside the thread of their client, so
// they are given here what programs have without the sanitizer.

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <cstddef>
#include <new>

// The allocator's own entries, below the names that are defined here.
extern "C" {
void* __interceptor_malloc(std::size_t size);
void* __interceptor_calloc(std::size_t count, std::size_t size);
void* __interceptor_realloc(void* block, std::size_t size);
void* __interceptor_memalign(std::size_t alignment, std::size_t size);
void* __interceptor_aligned_alloc(std::size_t alignment, std::size_t size);
int __interceptor_posix_memalign(void** block, std::size_t alignment, std::size_t size);
void __interceptor_free(void* block);
}

namespace {

// No lock of pthreads: ThreadSanitizer would take it for what orders accesses.
std::atomic<int> g_allocating{0};
std::atomic<bool> g_forking{false};
thread_local bool t_forking = false;

/// While it lives, no other thread forks.
class Allocating {
 public:
  Allocating() noexcept : counted_(!t_forking) {
    if (!counted_) return;
    for (++g_allocating; g_forking; ++g_allocating) {
      --g_allocating;
      while (g_forking) ::sched_yield();
    }
  }
  ~Allocating() {
    if (counted_) --g_allocating;
  }
  Allocating(const Allocating&) = delete;
  Allocating& operator=(const Allocating&) = delete;

 private:
  const bool counted_;
};

void before_fork() {
  while (g_forking.exchange(true)) ::sched_yield();
  t_forking = true;
  while (g_allocating > 0) ::sched_yield();
}

void after_fork() {
  t_forking = false;
  g_forking = false;
}

void after_fork_in_child() {
  g_allocating = 0;  // who was about to allocate and saw the fork had counted itself
  after_fork();
}

[[maybe_unused]] const int g_registered =
    ::pthread_atfork(before_fork, after_fork, after_fork_in_child);

/// Calls the sanitizer's operator of a (mangled) name, which the one defined here hides.
template <typename Function, typename... Args>
auto hidden(Function*& function, const char* name, Args... args) {
  if (function == nullptr) function = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
  const Allocating allocating;
  return function(args...);
}

using New = void*(std::size_t);
using AlignedNew = void*(std::size_t, std::align_val_t);
using Delete = void(void*);
using SizedDelete = void(void*, std::size_t);
using AlignedDelete = void(void*, std::size_t, std::align_val_t);

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  const Allocating allocating;
  return __interceptor_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  const Allocating allocating;
  return __interceptor_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
  const Allocating allocating;
  return __interceptor_realloc(block, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  const Allocating allocating;
  return __interceptor_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  const Allocating allocating;
  return __interceptor_aligned_alloc(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  const Allocating allocating;
  return __interceptor_posix_memalign(block, alignment, size);
}

void free(void* block) {
  const Allocating allocating;
  __interceptor_free(block);
}

}  // extern "C"

// The rarer forms (nothrow, unsized and aligned) are left to the sanitizer, unguarded.

void* operator new(std::size_t size) {
  static constinit New* function = nullptr;
  return hidden(function, "_Znwm", size);
}

void* operator new[](std::size_t size) {
  static constinit New* function = nullptr;
  return hidden(function, "_Znam", size);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  static constinit AlignedNew* function = nullptr;
  return hidden(function, "_ZnwmSt11align_val_t", size, alignment);
}

void operator delete(void* block) noexcept {
  static constinit Delete* function = nullptr;
  hidden(function, "_ZdlPv", block);
}

void operator delete[](void* block) noexcept {
  static constinit Delete* function = nullptr;
  hidden(function, "_ZdaPv", block);
}

void operator delete(void* block, std::size_t size) noexcept {
  static constinit SizedDelete* function = nullptr;
  hidden(function, "_ZdlPvm", block, size);
}

void operator delete[](void* block, std::size_t size) noexcept {
  static constinit SizedDelete* function = nullptr;
  hidden(function, "_ZdaPvm", block, size);
}

void operator delete(void* block, std::size_t size, std::align_val_t alignment) noexcept {
  static constinit AlignedDelete* function = nullptr;
  hidden(function, "_ZdlPvmSt11align_val_t", block, size, alignment);
}
