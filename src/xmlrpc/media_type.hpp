#pragma once

#include <string_view>

#include <socketserver/http/proto/headers.hpp>

namespace socketserver::xmlrpc {

/// Whether a `Content-Type` announces JSON-RPC.
inline bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  return http::iequals(type, "application/json") || http::iequals(type, "application/json-rpc");
}

}  // namespace socketserver::xmlrpc
