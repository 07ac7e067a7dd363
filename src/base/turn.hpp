#pragma once

namespace socketserver::detail {

/// Something that is kept on the thread of an event loop until the loop looks for events again:
/// what one message has found out holds for all that came before that look.
class KeptForTurn {
 public:
  KeptForTurn(const KeptForTurn&) = delete;
  KeptForTurn& operator=(const KeptForTurn&) = delete;

  /// Called by `end_turn`, once for each `keep_for_turn`.
  virtual void let_go() noexcept = 0;

 protected:
  KeptForTurn() = default;
  ~KeptForTurn();  // no longer kept

 private:
  friend void keep_for_turn(KeptForTurn& what) noexcept;
  friend void end_turn() noexcept;

  KeptForTurn* next_ = nullptr;
};

/// Has `what` let go at the end of this thread's turn. It lives until then, and is not kept
/// already. Only where an event loop runs: elsewhere no turn ends.
void keep_for_turn(KeptForTurn& what) noexcept;

/// For event loops: before each look for events.
void end_turn() noexcept;

}  // namespace socketserver::detail
