#pragma once

#include <cstddef>
#include <memory>

namespace socketserver::detail {

/// For the scope of a thread that serves connections: keeps the buffer that a Reader gave back
/// last, so that the next one that reads takes it instead of asking the heap.
///
/// On the stack of the thread and not of static storage, so that a child process or a thread need
/// register no destructor, which would cost more than the buffer saves.
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
