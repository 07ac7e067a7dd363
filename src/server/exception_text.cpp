#include "server/exception_text.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>
#include <typeinfo>

#include <socketserver/server/base_server.hpp>

namespace socketserver::detail {

std::string current_exception_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  if (type == nullptr) return "unknown exception";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : type->name();
}

std::string escape_controls(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && (byte < 0x7f || byte > 0x9f)) {
      safe += c;
    } else {
      safe += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return safe;
}

std::string current_exception_text() {
  std::string text = current_exception_type();
  try {
    throw;
  } catch (const std::exception& error) {
    text += ": " + escape_controls(error.what());
  } catch (...) {
    // Only its type is known.
  }
  return text;
}

void log_current_exception(const BaseServer& server, std::string_view what) noexcept {
  try {
    server.log(LogLevel::error, std::string(what) + ": " + current_exception_text());
  } catch (...) {
    try {
      server.log(LogLevel::error, what);
    } catch (...) {
      // A sink that fails has nobody to tell.
    }
  }
}

}  // namespace socketserver::detail
