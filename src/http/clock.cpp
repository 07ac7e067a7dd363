#include "http/clock.hpp"

#include <time.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <socketserver/http/proto/date.hpp>

namespace socketserver::http {
namespace {

/// A text that changes once a second and is made once a second.
///
/// Without a destructor: to register one for a thread needs memory, and the C library ends the
/// program when there is none.
struct SecondText {
  std::int64_t second = -1;
  std::array<char, 32> text{};
  std::size_t size = 0;

  template <class Format>
  std::string_view at(std::int64_t now, Format format) {
    if (now != second) {
      size = format(now).copy(text.data(), text.size());
      second = now;
    }
    return {text.data(), size};
  }
};

std::int64_t now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return time.tv_sec;
}

}  // namespace

std::string_view date_now() {
  thread_local SecondText cached;
  return cached.at(now(), format_date);
}

std::string_view log_date_now() {
  thread_local SecondText cached;
  return cached.at(now(), log_date);
}

}  // namespace socketserver::http
