#include <socketserver/http/multipart_reader.hpp>

#include <algorithm>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/parameterized.hpp>
#include <socketserver/http/request_error.hpp>

namespace socketserver::http {
namespace {

std::string require_boundary(std::string_view content_type) {
  auto boundary = multipart_boundary(content_type);
  if (boundary) return *std::move(boundary);
  const auto type = parse_parameterized(content_type);
  if (type && type->value == "multipart/form-data") {
    throw RequestError(400, "The form has no well-formed boundary");
  }
  throw RequestError(415, "A form of type multipart/form-data was expected");
}

}  // namespace

MultipartReader::MultipartReader(Reader& body, std::string_view content_type,
                                 const FormLimits& limits)
    : body_(&body),
      parser_(require_boundary(content_type)),
      parts_left_(limits.count),
      files_left_(limits.files) {}

const PartHead* MultipartReader::next() {
  while (!read().empty()) continue;
  if (advance().status == MultipartParser::Status::done) return nullptr;
  count_part();
  in_part_ = true;
  return &parser_.part();
}

std::string_view MultipartReader::read() {
  if (!rest_.empty()) return std::exchange(rest_, {});
  if (!in_part_) return {};
  const auto result = advance();
  in_part_ = result.status == MultipartParser::Status::data;
  return result.data;
}

std::string MultipartReader::read_all(std::size_t limit) {
  std::string content;
  for (std::string_view piece = read(); !piece.empty(); piece = read()) {
    if (piece.size() > limit - content.size()) {
      throw RequestError(413, "A field of the form is too large");
    }
    content += piece;
  }
  return content;
}

IoResult MultipartReader::read_some(std::span<char> into, Deadline /*deadline*/) {
  if (rest_.empty()) rest_ = read();
  const std::string_view piece = rest_.substr(0, into.size());
  std::ranges::copy(piece, into.begin());
  rest_.remove_prefix(piece.size());
  return {piece.size(), {}};
}

/// Reads on until the parser has something to tell.
MultipartParser::Result MultipartReader::advance() {
  body_->consume(std::exchange(taken_, 0));
  for (;;) {
    const auto result = parser_.parse(body_->buffered());
    if (result.status == MultipartParser::Status::data) {
      taken_ = result.consumed;
      return result;
    }
    body_->consume(result.consumed);
    if (result.status == MultipartParser::Status::failed) {
      const auto [status, text] = describe(parser_.fault());
      throw RequestError(status, std::string(text));
    }
    if (result.status != MultipartParser::Status::need_more) return result;
    const IoResult got = body_->fill(Deadline::never());
    if (got.ec) throw_os_error(got.ec, "read");
    if (got.n == 0) throw RequestError(400, "The form ends before its last boundary");
  }
}

void MultipartReader::count_part() {
  if (parts_left_ == 0) throw RequestError(413, "The form has too many fields");
  --parts_left_;
  if (!parser_.part().filename) return;
  if (files_left_ == 0) throw RequestError(413, "The form has too many files");
  --files_left_;
}

}  // namespace socketserver::http
