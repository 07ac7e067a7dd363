// The conveniences of BaseHTTPRequestHandler that answer with something whole.

#include <fcntl.h>

#include <stdexcept>
#include <string>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/proto/media_type.hpp>

#include "http/file_answer.hpp"
#include "http/file_content.hpp"
#include "http/shortage.hpp"

namespace socketserver {
namespace {

void answer_with(BaseHTTPRequestHandler& self, const http::OpenedPath& file,
                 std::string_view content_type, const http::Headers& fields) {
  http::Selection selection;
  const bool follows =
      http::send_file_head(self, file, {.content_type = content_type, .more = &fields}, selection);
  if (follows) http::send_file_content(self, file, selection);
}

}  // namespace

void BaseHTTPRequestHandler::send_text(int code, std::string_view text,
                                       std::string_view content_type) {
  send_response(code);
  send_header("Content-Type", content_type);
  send_header("Content-Length", std::to_string(text.size()));
  end_headers();
  if (command() != "HEAD") wfile().write(text);
}

void BaseHTTPRequestHandler::send_file(const std::string& path, std::string_view content_type,
                                       const http::Headers& fields) {
  const auto file =
      http::examine(UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)));
  if (http::is_shortage(file.ec)) return send_error(503);
  if (file.kind != http::OpenedPath::Kind::file) return send_error(404);
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  answer_with(*this, file, content_type.empty() ? http::guess_type(name) : content_type, fields);
}

void BaseHTTPRequestHandler::send_file(int fd, std::string_view content_type,
                                       const http::Headers& fields) {
  const auto file = http::examine(UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0)));
  if (file.kind != http::OpenedPath::Kind::file) {
    throw std::invalid_argument("send_file: descriptor " + std::to_string(fd) +
                                " is no open regular file");
  }
  answer_with(*this, file, content_type, fields);
}

}  // namespace socketserver
