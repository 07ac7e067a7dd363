#include "server/refusals.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <socketserver/server/base_server.hpp>

#include "server/engine_access.hpp"
#include "server/exception_text.hpp"

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;

// How many are kept at a time: descriptors beyond those of `max_connections`.
constexpr std::size_t kMostKept = 16;

// What a client gets to be taken by another process, and how many are refused after that.
constexpr Duration kTurnOfOthers = 50ms;
constexpr int kTurns = 64;

/// What is unread when a connection is closed makes a reset of it.
void drop_input(const Request& request, std::size_t most) noexcept {
  std::array<char, 4096> block;
  while (most > 0) {
    const ssize_t got =
        ::recv(request.fileno(), block.data(), std::min(block.size(), most), MSG_DONTWAIT);
    if (got <= 0) return;
    most -= static_cast<std::size_t>(got);
  }
}

}  // namespace

bool Refusals::watches(bool full) noexcept {
  if (full) return !others_until_ || others_until_->expired();
  others_until_.reset();
  turns_left_ = 0;
  return false;
}

Deadline Refusals::next() const noexcept {
  const Deadline others = others_until_.value_or(Deadline::never());
  return kept_.empty() ? others : Deadline::earlier(others, kept_.front().until);
}

bool Refusals::takes(bool ready) noexcept {
  if (!shared_) return ready;
  if (others_until_ && others_until_->expired()) {
    others_until_.reset();
    turns_left_ = kTurns;
  }
  if (!ready) turns_left_ = 0;
  if (turns_left_ > 0) {
    --turns_left_;
    return true;
  }
  if (ready) others_until_ = Deadline::after(kTurnOfOthers);
  return false;
}

void Refusals::refuse(Request& request, const Address& client_address) {
  // A fresh connection takes so little at once; whoever is gone by now needs no answer.
  [[maybe_unused]] const ssize_t sent =
      ::send(request.fileno(), answer_.data(), answer_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  request.socket().shutdown(Direction::write);
  const Duration patience = server_.options().limits.lingering_timeout;
  kept_.push_back({std::move(request), Deadline::after(patience)});
  if (kept_.size() > kMostKept) end_first();
  report_.count(escape_controls(client_address.to_string()));
}

void Refusals::end_old() {
  while (!kept_.empty() && kept_.front().until.expired()) end_first();
}

void Refusals::end_all() {
  while (!kept_.empty()) end_first();
}

void Refusals::end_first() {
  Request request = std::move(kept_.front().request);
  kept_.pop_front();
  drop_input(request, server_.options().limits.lingering_bytes);
  EngineAccess::end_request(server_, request);
}

}  // namespace socketserver::detail
