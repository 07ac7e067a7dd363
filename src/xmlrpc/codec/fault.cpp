#include <socketserver/xmlrpc/codec/fault.hpp>

#include "xmlrpc/codec/repr.hpp"

namespace socketserver::xmlrpc {

Fault::Fault(int code, std::string text)
    : Error("<Fault " + std::to_string(code) + ": " + repr(text) + ">"),
      code_(code),
      text_(std::move(text)) {}

Struct Fault::to_struct() const {
  return {{"faultCode", code_}, {"faultString", text_}};
}

}  // namespace socketserver::xmlrpc
