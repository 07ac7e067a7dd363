#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::http {

/// Bytes that came before anybody wanted them, first in, first out: a little in memory, the rest in
/// a temporary file without a name.
///
/// Thread safety: one flow.
class BodySpool {
 public:
  /// Adds to the end.
  ///
  /// @throws SpoolError "open a temporary file in /tmp", "write temporary file".
  void append(std::string_view data);

  /// The first of the bytes, as much as is in memory; empty when there are none. Lives until the
  /// next call of anything but `size`.
  ///
  /// @throws SpoolError "read temporary file".
  std::string_view front();

  /// Takes bytes that `front` has shown away.
  void consume(std::size_t n) noexcept;

  /// How many bytes there are.
  std::uint64_t size() const noexcept { return memory_.size() - taken_ + (end_ - begin_); }
  bool empty() const noexcept { return size() == 0; }

  /// Forgets all of it.
  void clear() noexcept;

 private:
  std::string memory_;
  std::size_t taken_ = 0;    // of memory_
  UniqueFd file_;            // what comes behind memory_
  std::uint64_t begin_ = 0;  // of what file_ holds
  std::uint64_t end_ = 0;
};

}  // namespace socketserver::http
