#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>

namespace socketserver::detail {

/// What is to be told of the clients that a limit refuses: of the first at once, of those that
/// follow together, once a second. None is left out.
///
/// Thread safety: the serving thread only.
class RefusalReport {
 public:
  /// @param limit  the name of the limit; borrowed.
  explicit RefusalReport(std::string_view limit) noexcept : limit_(limit) {}

  void count(std::string client);

  /// When `take` will have something to tell.
  Deadline next() const noexcept { return empty() ? Deadline::never() : quiet_until_; }

  /// Whether there is anything that is not told yet.
  bool empty() const noexcept { return refused_ == 0; }

  /// What is to be told now, if anything. @param last  whether there will be no later call.
  std::optional<std::string> take(bool last = false);

 private:
  const std::string_view limit_;
  std::size_t refused_ = 0;  // and not told of
  std::string client_;       // the last one
  Deadline quiet_until_ = Deadline::after(Duration::zero());
};

}  // namespace socketserver::detail
