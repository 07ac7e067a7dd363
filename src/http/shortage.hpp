#pragma once

#include <system_error>

namespace socketserver::http {

/// Whether a job may well be done later, when others have given something back: 503.
inline bool is_shortage(const std::error_code& code) {
  return code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system || code == std::errc::not_enough_memory ||
         code == std::errc::resource_unavailable_try_again;
}

}  // namespace socketserver::http
