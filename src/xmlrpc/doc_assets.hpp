#pragma once

#include <string_view>

namespace socketserver::xmlrpc {

// What stands between <style> and </style>, <script> and </script> of the documentation page, and
// the policy that names their hashes. Parts of the page: see doc_generator.cpp.

extern const std::string_view kDocStyle;
extern const std::string_view kDocScript;
extern const std::string_view kDocPolicy;

}  // namespace socketserver::xmlrpc
