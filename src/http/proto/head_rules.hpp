#pragma once

#include <socketserver/http/proto/request_parser.hpp>

namespace socketserver::http {

/// Applies the rules that concern the header fields of a complete head as a whole: Host, framing,
/// persistence, Expect. Sets the members of `head` that follow from them, or returns what is wrong.
[[nodiscard]] Fault apply_head_rules(RequestHead& head);

}  // namespace socketserver::http
