#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/response_writer.hpp"

namespace socketserver::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The head of a response with the reason phrase "Why".
http::ResponseHead head(int status, const Fields& fields = {});

/// Writes one piece of body; either all of it is taken or none.
std::error_code write(http::ResponseWriter& writer, std::string_view text);

/// What a response came to.
struct Outcome {
  std::string wire;
  bool keeps_alive;
};

/// What comes of the response that `respond` gives under `rules`.
Outcome outcome(const http::ResponseWriter::Rules& rules,
                const std::function<void(http::ResponseWriter&)>& respond);

}  // namespace socketserver::testing
