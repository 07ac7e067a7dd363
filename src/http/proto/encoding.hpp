#pragma once

#include <string>
#include <string_view>

#include "http/proto/char_class.hpp"

namespace socketserver::http {

/// Appends `text` to `out`; bytes that are not in `plain` become `%HH`.
void append_percent_encoded(std::string& out, std::string_view text, const ByteSet& plain);

}  // namespace socketserver::http
