#include "base/turn.hpp"

#include <utility>

namespace socketserver::detail {
namespace {

constinit thread_local KeptForTurn* kept = nullptr;

}  // namespace

KeptForTurn::~KeptForTurn() {
  for (KeptForTurn** link = &kept; *link != nullptr; link = &(*link)->next_) {
    if (*link != this) continue;
    *link = next_;
    return;
  }
}

// Never inlined, lest a compiler keep the address of a thread's variable across a fiber switch.
[[gnu::noinline]] void keep_for_turn(KeptForTurn& what) noexcept {
  what.next_ = std::exchange(kept, &what);
}

[[gnu::noinline]] void end_turn() noexcept {
  while (KeptForTurn* const what = kept) {
    kept = std::exchange(what->next_, nullptr);
    what->let_go();
  }
}

}  // namespace socketserver::detail
