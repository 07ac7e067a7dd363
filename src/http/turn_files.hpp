#pragma once

#include <span>
#include <string>

#include <socketserver/http/document_root.hpp>

namespace socketserver::http {

/// As `root.open(words)`, once for all requests of one turn of this thread's event loop: what the
/// others get has `content` and no descriptor. Larger files are opened for each.
///
/// Only for requests that came before the turn began, so that none is answered with what was there
/// before it was sent; `Request::came_before_turn` tells.
OpenedPath open_in_turn(const DocumentRoot& root, std::span<const std::string> words);

}  // namespace socketserver::http
