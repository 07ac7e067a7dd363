#pragma once

#include <string>
#include <string_view>

namespace socketserver::tool {

/// UTF-8 text from elsewhere, safe to print: control characters (U+0000 to U+001F, U+007F to
/// U+009F) become `\xhh`, so that one line stays one line and a terminal is not steered.
std::string printable(std::string_view text);

}  // namespace socketserver::tool
