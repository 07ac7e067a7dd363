#pragma once

#include <gtest/gtest.h>

#include <socketserver/http/proto/request_parser.hpp>
#include <string>
#include <string_view>

namespace socketserver::http {

/// What became of some request bytes.
struct ParsedRequest {
  RequestParser::Status status;
  bool started;
  std::size_t consumed;
  RequestHead head;
  ParseError error;
};

/// Parses `raw` and expects the same result however it is cut: whole, at every place in two, and
/// byte by byte (long texts: whole and in some pieces). Returns that result.
ParsedRequest parse_at_every_cut(std::string_view raw, HeadLimits limits = {});

/// As above, and expects that the head is complete.
RequestHead parse_complete(std::string_view raw, HeadLimits limits = {});

/// As above, and expects that the head is refused.
ParseError parse_failed(std::string_view raw, HeadLimits limits = {});

}  // namespace socketserver::http
