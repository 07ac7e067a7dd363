#include "net/spare_buffer.hpp"

#include <utility>

namespace socketserver::detail {
namespace {

/// The scope that this thread is in. A function, so that its address is never kept while a fiber
/// waits.
[[gnu::noinline]] SpareBuffer*& current() noexcept {
  constinit thread_local SpareBuffer* scope = nullptr;
  return scope;
}

}  // namespace

SpareBuffer::SpareBuffer() noexcept : counts_(current() == nullptr) {
  if (counts_) current() = this;
}

SpareBuffer::~SpareBuffer() {
  if (counts_) current() = nullptr;
}

std::unique_ptr<char[]> SpareBuffer::take() noexcept {
  SpareBuffer* const scope = current();
  return scope == nullptr ? nullptr : std::exchange(scope->buffer_, nullptr);
}

void SpareBuffer::give(std::unique_ptr<char[]> buffer) noexcept {
  if (SpareBuffer* const scope = current()) scope->buffer_ = std::move(buffer);
}

}  // namespace socketserver::detail
