#pragma once

#include <string_view>

#include <socketserver/http/base_handler.hpp>

namespace socketserver {

/// What a function `void(BaseHTTPRequestHandler&)` becomes as a handler: it serves every method.
template <class F>
class BaseHTTPRequestHandler::FunctionHandler final : public BaseHTTPRequestHandler {
 public:
  /// @param function  borrowed.
  explicit FunctionHandler(const F& function) : function_(function) {}

 protected:
  bool dispatch(std::string_view /*command*/) override {
    function_(static_cast<BaseHTTPRequestHandler&>(*this));
    return true;
  }

 private:
  const F& function_;
};

}  // namespace socketserver
