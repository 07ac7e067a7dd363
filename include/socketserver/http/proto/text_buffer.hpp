#pragma once

#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace socketserver::http {

/// Allocates like std::allocator. What a container grows by without being given a value stays as
/// the memory is, instead of becoming zero: for who writes it next.
template <class T>
struct UnfilledAllocator : std::allocator<T> {
  UnfilledAllocator() noexcept = default;
  template <class U>
  UnfilledAllocator(const UnfilledAllocator<U>& /*other*/) noexcept {}  ///< All are alike.

  template <class U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }  ///< Leaves the memory as it is.
  template <class U, class... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
  }  ///< As std::allocator does.
};

/// Bytes that are put together: `resize`, then write. A std::string would be zeroed first.
using TextBuffer = std::vector<char, UnfilledAllocator<char>>;

}  // namespace socketserver::http
