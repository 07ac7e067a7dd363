#pragma once

#include <cstddef>
#include <utility>

#include <socketserver/base/offload.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// A text of more than this takes milliseconds to read, write or compress.
inline constexpr std::size_t kLargeBytes = std::size_t{256} * 1024;

/// Whether so much text is written for a value; looks at no more of it than it takes to say that.
bool is_large(const Value& value) noexcept;

/// Calls `f`, once: for what is large, where that holds up no fiber's loop. Where no helper thread
/// can be had it holds up the loop: what was done for the client must not end in an error.
///
/// @throws what `f` throws.
template <class F>
decltype(auto) call_beside(bool large, F&& f) {
  if (!large) return std::forward<F>(f)();
  bool called = false;
  try {
    return offload([&]() -> decltype(auto) {
      called = true;
      return std::forward<F>(f)();
    });
  } catch (...) {
    if (called) throw;
  }
  return std::forward<F>(f)();
}

}  // namespace socketserver::xmlrpc
