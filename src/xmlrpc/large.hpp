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

/// Calls `f`: for what is large, where that holds up no fiber's loop.
template <class F>
decltype(auto) call_beside(bool large, F&& f) {
  return large ? offload(std::forward<F>(f)) : std::forward<F>(f)();
}

}  // namespace socketserver::xmlrpc
