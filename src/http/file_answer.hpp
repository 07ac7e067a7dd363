#pragma once

#include <string_view>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/document_root.hpp>
#include <socketserver/http/proto/accept_encoding.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/multipart_ranges.hpp>

namespace socketserver::http {

/// What a file is sent with, beside what follows from itself and from the request. All borrowed.
struct FileFields {
  std::string_view content_type;
  std::string_view coding = kIdentity;  ///< That the file has: it is a precompressed one.
  std::string_view encode = kIdentity;  ///< To be encoded so on its way; then ranges are ignored.
  const Headers* more = nullptr;        ///< For 200, 206 and 304, if there are any.
};

/// Answers the request that `self` serves with a regular file as far as the end of the head: 200 or
/// 206; or all of it: 304, 412, 416. Conditions are those of its tag and time of modification.
///
/// @param selection  set to what is to be sent.
/// @return whether content is to follow, if only the method is not HEAD.
bool send_file_head(BaseHTTPRequestHandler& self, const OpenedPath& file, const FileFields& fields,
                    Selection& selection);

/// Sends what was announced. A file that has become too short is logged, and the connection will
/// close.
void send_file_content(BaseHTTPRequestHandler& self, const OpenedPath& file,
                       const Selection& selection);

}  // namespace socketserver::http
