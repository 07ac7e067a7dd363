#pragma once

#include <string>
#include <string_view>

namespace socketserver::testing {

/// Takes a content coding off with the library that it is from, as a client would.
///
/// @throws std::runtime_error when `data` is not exactly one whole stream.
std::string decode(std::string_view coding, std::string_view data);

/// What can be decoded of a stream that is not over.
std::string decode_so_far(std::string_view coding, std::string_view data);

}  // namespace socketserver::testing
