#pragma once

#include <string_view>

namespace socketserver::xmlrpc {

/// Sets `map` to the code point of each byte, -1 where there is none. False when this system does
/// not know the encoding, when it is none of one byte a character, or does not contain ASCII.
///
/// Only the families that people use are asked for: a peer does not choose which modules iconv
/// loads.
[[nodiscard]] bool map_single_byte_encoding(const char* name, int (&map)[256]) noexcept;

}  // namespace socketserver::xmlrpc
