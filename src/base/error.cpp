#include <socketserver/base/error.hpp>

#include <cerrno>

namespace socketserver {

std::error_code last_error() noexcept {
  return {errno, std::system_category()};
}

void throw_os_error(std::error_code code, std::string_view action) {
  if (code == std::errc::timed_out) throw TimeoutError(std::string(action));
  throw OSError(code, std::string(action));
}

}  // namespace socketserver
