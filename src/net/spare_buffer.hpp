#pragma once

#include <cstddef>
#include <memory>

namespace socketserver::detail {

/// For the scope of a thread that serves many connections: keeps the buffer that a Reader gave back
/// last, so that the next Reader takes it instead of asking the heap.
///
/// A thread or child process that serves one connection has none, and pays for none.
/// Thread safety: the thread's own. Of nested scopes the outermost counts.
class SpareBuffer {
 public:
  /// The size that most readers have, in bytes.
  static constexpr std::size_t kSize = 8192;

  SpareBuffer() noexcept;
  SpareBuffer(const SpareBuffer&) = delete;
  SpareBuffer& operator=(const SpareBuffer&) = delete;
  ~SpareBuffer();

  /// The spare buffer of `kSize` bytes of this thread; null when there is none.
  static std::unique_ptr<char[]> take() noexcept;

  /// Keeps a buffer of `kSize` bytes, or frees it where nobody would take it again.
  static void give(std::unique_ptr<char[]> buffer) noexcept;

 private:
  std::unique_ptr<char[]> buffer_;
  bool counts_;
};

}  // namespace socketserver::detail
