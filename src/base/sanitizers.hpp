#pragma once

// Which sanitizer the code is compiled for, as GCC and Clang say it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SOCKETSERVER_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define SOCKETSERVER_TSAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SOCKETSERVER_ASAN
#endif
#if defined(__SANITIZE_THREAD__)
#define SOCKETSERVER_TSAN
#endif

#if defined(SOCKETSERVER_TSAN)
#include <poll.h>
#endif

namespace socketserver::detail {

/// ThreadSanitizer keeps the signals of each thread or fiber in memory that it maps when that first
/// waits for something. It loses one that comes just then, so this is called before one may come.
inline void prepare_for_signals() noexcept {
#if defined(SOCKETSERVER_TSAN)
  ::poll(nullptr, 0, 0);
#endif
}

}  // namespace socketserver::detail
