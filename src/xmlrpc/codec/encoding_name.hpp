#pragma once

#include <string_view>

#include "xmlrpc/codec/ascii.hpp"

namespace socketserver::xmlrpc {

/// The name under which an encoding is registered, for the other names that Python has for it and
/// that XML parsers do not know; any other name as it is.
constexpr std::string_view registered_name(std::string_view encoding) noexcept {
  struct Alias {
    std::string_view name;
    std::string_view registered;
  };
  constexpr Alias kAliases[] = {{"ascii", "us-ascii"},      {"latin-1", "iso-8859-1"},
                                {"latin1", "iso-8859-1"},   {"l1", "iso-8859-1"},
                                {"mac-roman", "macintosh"}, {"macroman", "macintosh"}};
  for (const auto& [name, registered] : kAliases) {
    if (iequals_ascii(encoding, name)) return registered;
  }
  return encoding;
}

}  // namespace socketserver::xmlrpc
