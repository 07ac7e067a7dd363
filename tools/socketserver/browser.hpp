#pragma once

#include <string>

namespace socketserver::tool {

/// Has the desktop show `url` ($BROWSER, else xdg-open) without waiting for it. While there is one
/// thread.
///
/// @throws OSError "run xdg-open".
void open_browser(const std::string& url);

}  // namespace socketserver::tool
