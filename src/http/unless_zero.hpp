#pragma once

#include <optional>

#include <socketserver/base/deadline.hpp>

namespace socketserver::http {

/// A limit of `Limits` as `Deadline::after` wants it: zero means none there.
inline std::optional<Duration> unless_zero(Duration limit) {
  return limit == Duration::zero() ? std::nullopt : std::optional(limit);
}

}  // namespace socketserver::http
