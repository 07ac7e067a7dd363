#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <socketserver/xmlrpc.hpp>

namespace socketserver::testing {

/// A function to register.
inline int add(int a, int b) {
  return a + b;
}

/// The XML of a call.
inline std::string call_text(std::string method, const xmlrpc::Array& params = {}) {
  return xmlrpc::dumps(params, {.methodname = std::move(method), .allow_none = true});
}

/// What an answer says: its value; a fault is thrown.
inline xmlrpc::Value value_of(std::string_view answer) {
  xmlrpc::Message message = xmlrpc::loads(answer);
  return message.params.at(0);
}

/// Calls a method by messages, as a client does.
inline xmlrpc::Value call(SimpleXMLRPCDispatcher& dispatcher, std::string method,
                          const xmlrpc::Array& params = {}) {
  return value_of(dispatcher._marshaled_dispatch(call_text(std::move(method), params)));
}

/// The fault that a call is answered with; code 0 when it has succeeded.
inline xmlrpc::Fault fault_of_text(std::string_view answer) {
  try {
    (void)xmlrpc::loads(answer);
  } catch (const xmlrpc::Fault& fault) {
    return fault;
  }
  return {0, "no fault"};
}

inline xmlrpc::Fault fault_of(SimpleXMLRPCDispatcher& dispatcher, std::string method,
                              const xmlrpc::Array& params = {}) {
  return fault_of_text(dispatcher._marshaled_dispatch(call_text(std::move(method), params)));
}

/// A call for `system.multicall`.
inline xmlrpc::Value entry(std::string method, xmlrpc::Array params = {}) {
  return xmlrpc::Struct{{"methodName", std::move(method)}, {"params", std::move(params)}};
}

}  // namespace socketserver::testing
