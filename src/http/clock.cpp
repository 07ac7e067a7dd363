#include "http/clock.hpp"

#include <time.h>

#include <cstdint>
#include <string>

#include <socketserver/http/proto/date.hpp>

namespace socketserver::http {
namespace {

/// A text that changes once a second and is made once a second.
struct SecondText {
  std::int64_t second = -1;
  std::string text;

  template <class Format>
  std::string_view at(std::int64_t now, Format format) {
    if (now != second) {
      text = format(now);
      second = now;
    }
    return text;
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
