#pragma once

#include <array>
#include <cstddef>

#include "fiber/sanitizer.hpp"

namespace socketserver::detail {

/// A flow of control that can be left and gone back to: a thread, or a function on a stack of its
/// own.
///
/// A switch keeps for each flow what belongs to it: registers, the C++ runtime's exceptions in
/// flight, errno. So a flow may be left inside a catch block.
///
/// Thread: all flows that switch to each other belong to one thread.
class Context {
 public:
  using Entry = void (*)(Context& self) noexcept;

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Stands for the calling thread from now on.
  void adopt_thread() noexcept;

  /// Stands for `entry(*this)` on the stack from `bottom` to `top`, which begins at the first
  /// switch to it, with no exceptions in flight. `entry` must not return but call `end_in`.
  /// `thread` is the context of the thread that it belongs to.
  void create(std::byte* bottom, std::byte* top, Entry entry, const Context& thread) noexcept;

  /// After `end_in`: the stack may be used for something else.
  void destroy() noexcept { sanitizer_.destroy(); }

  /// Leaves this flow, which must be the running one; returns when somebody switches back.
  void switch_to(Context& to) noexcept;

  /// Leaves this flow for ever.
  [[noreturn]] void end_in(Context& to) noexcept;

 private:
  friend struct Arrival;

  // The C++ ABI's __cxa_eh_globals: the exceptions that were caught and not yet left behind, and
  // how many are on their way.
  using ExceptionState = std::array<std::byte, 2 * sizeof(void*)>;

  void exchange_exceptions(const Context& to) noexcept;

  void* stack_pointer_ = nullptr;    // while it does not run
  void* live_exceptions_ = nullptr;  // the thread's
  ExceptionState exceptions_{};      // while it does not run
  // Not handed over on the stack that is left: AddressSanitizer may have freed that.
  Context* switched_to_ = nullptr;
  Entry entry_ = nullptr;
  [[no_unique_address]] SanitizerFiber sanitizer_;
};

}  // namespace socketserver::detail
