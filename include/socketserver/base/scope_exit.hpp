#pragma once

#include <type_traits>
#include <utility>

namespace socketserver {

/// Runs a callable when the scope ends, however it ends.
///
/// Lifetime: the callable may borrow anything that outlives the scope. It must not throw: it may
/// run while another exception is on its way.
template <class F>
class [[nodiscard]] ScopeExit {
 public:
  static_assert(std::is_nothrow_move_constructible_v<F>);

  /// @param action  runs in the destructor; must not throw.
  explicit ScopeExit(F action) noexcept : action_(std::move(action)) {}
  ScopeExit(const ScopeExit&) = delete;
  ScopeExit& operator=(const ScopeExit&) = delete;
  ~ScopeExit() {
    if (armed_) action_();
  }

  /// Leaves the scope without running the callable.
  void dismiss() noexcept { armed_ = false; }

 private:
  F action_;
  bool armed_ = true;
};

}  // namespace socketserver
