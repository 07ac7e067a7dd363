#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

inline constexpr std::string_view kMulticall = "system.multicall";

std::size_t count_calls(std::string_view method, const Value* params);

/// How many calls a list for `system.multicall` comes to: at least 1, for an empty one is work too.
inline std::size_t count_calls_of(const Array& calls) {
  std::size_t count = 0;
  for (const Value& call : calls) {
    const auto* members = call.get_if<Struct>();
    const Value* name = members == nullptr ? nullptr : members->find("methodName");
    const auto* text = name == nullptr ? nullptr : name->get_if<std::string>();
    count += text == nullptr ? 1 : count_calls(*text, members->find("params"));
  }
  return std::max<std::size_t>(count, 1);
}

/// How many calls one call comes to: 1, or those inside a multicall, and inside the multicalls
/// there.
inline std::size_t count_calls(std::string_view method, const Value* params) {
  if (method != kMulticall || params == nullptr) return 1;
  const auto* arguments = params->get_if<Array>();
  if (arguments == nullptr || arguments->size() != 1) return 1;
  const auto* calls = arguments->front().get_if<Array>();
  return calls == nullptr ? 1 : count_calls_of(*calls);
}

}  // namespace socketserver::xmlrpc
