#pragma once

#include <cstddef>

#include "base/sanitizers.hpp"

#if defined(SOCKETSERVER_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(SOCKETSERVER_TSAN)
#include <sanitizer/tsan_interface.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <utility>
#endif

// Inlined even without optimisation: ThreadSanitizer counts calls and returns per fiber, so a
// function that announces a switch must not itself return on the other side.
#define SOCKETSERVER_ALWAYS_INLINE [[gnu::always_inline]] inline

namespace socketserver::detail {

/// What AddressSanitizer and ThreadSanitizer have to be told about one flow of control that has a
/// stack of its own. Without them it is empty and does nothing.
class SanitizerFiber {
 public:
  /// Stands for the thread that calls, with the stack that it runs on.
  void adopt_thread() noexcept {
#if defined(SOCKETSERVER_TSAN)
    tsan_ = __tsan_get_current_fiber();
#endif
  }

  /// Stands for a new flow on the given stack.
  void create([[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t size) noexcept {
#if defined(SOCKETSERVER_ASAN)
    bottom_ = bottom;
    size_ = size;
#endif
#if defined(SOCKETSERVER_TSAN)
    const std::uint64_t before = block_signals();
    tsan_ = __tsan_create_fiber(0);
    unblock_signals(before);
#endif
  }

  /// The flow has left its stack for ever.
  void destroy() noexcept {
#if defined(SOCKETSERVER_ASAN)
    // Its last frames never returned, and the stack will be used again.
    __asan_unpoison_memory_region(bottom_, size_);
#endif
#if defined(SOCKETSERVER_TSAN)
    const std::uint64_t before = block_signals();
    __tsan_destroy_fiber(tsan_);
    unblock_signals(before);
#endif
  }

  /// Immediately before the switch from this flow.
  SOCKETSERVER_ALWAYS_INLINE void leave_for([[maybe_unused]] SanitizerFiber& to) noexcept {
#if defined(SOCKETSERVER_ASAN)
    __sanitizer_start_switch_fiber(&fake_stack_, to.bottom_, to.size_);
#endif
#if defined(SOCKETSERVER_TSAN)
    put_off_signals();
    __tsan_switch_to_fiber(to.tsan_, 0);
#endif
  }

  /// As `leave_for`, when this flow will never go on.
  SOCKETSERVER_ALWAYS_INLINE void end_in([[maybe_unused]] SanitizerFiber& to) noexcept {
#if defined(SOCKETSERVER_ASAN)
    __sanitizer_start_switch_fiber(nullptr, to.bottom_, to.size_);
#endif
#if defined(SOCKETSERVER_TSAN)
    put_off_signals();
    __tsan_switch_to_fiber(to.tsan_, 0);
#endif
  }

  /// Immediately after the switch to this flow. Tells, too, on which stack the other one is, which
  /// is how the stack of a thread becomes known.
  SOCKETSERVER_ALWAYS_INLINE void arrive_from([[maybe_unused]] SanitizerFiber& from) noexcept {
#if defined(SOCKETSERVER_ASAN)
    __sanitizer_finish_switch_fiber(fake_stack_, &from.bottom_, &from.size_);
#endif
#if defined(SOCKETSERVER_TSAN)
    take_signals();
#endif
  }

 private:
#if defined(SOCKETSERVER_TSAN)
  /// ThreadSanitizer keeps a signal that comes while a flow is at work until the same flow makes a
  /// call that it intercepts, such as time(2). After the switch that may be never: so those that
  /// have come are handled now, and others wait until the switch is over.
  static void put_off_signals() noexcept {
    mask_ = block_signals();
    std::time(nullptr);
  }
  void take_signals() noexcept {
    if (!std::exchange(prepared_, true)) prepare_for_signals();
    unblock_signals(mask_);
  }

  /// Also to create or destroy a flow ThreadSanitizer switches to it for a moment, and a signal
  /// that came then would be lost with it. By system calls: it must not notice these itself.
  /// @return What was blocked before.
  static std::uint64_t block_signals() noexcept {
    const std::uint64_t all = ~std::uint64_t{0};
    std::uint64_t before = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof before);
    return before;
  }
  static void unblock_signals(std::uint64_t before) noexcept {
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
  }

  static inline thread_local std::uint64_t mask_ = 0;  // of the thread, during a switch
#endif

#if defined(SOCKETSERVER_ASAN)
  void* fake_stack_ = nullptr;
  const void* bottom_ = nullptr;
  std::size_t size_ = 0;
#endif
#if defined(SOCKETSERVER_TSAN)
  void* tsan_ = nullptr;
  bool prepared_ = false;  // for signals
#endif
};

}  // namespace socketserver::detail
