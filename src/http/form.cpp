#include <socketserver/http/form.hpp>

#include <algorithm>
#include <utility>

#include <socketserver/http/multipart_reader.hpp>
#include <socketserver/http/proto/parameterized.hpp>
#include <socketserver/http/request_error.hpp>

namespace socketserver::http {
namespace {

constexpr const char* kFieldsTooLarge = "The fields of the form are too large";

Form read_urlencoded(Reader& body, const FormLimits& limits) {
  // Decoding makes nothing longer, so this bounds names and values too.
  std::string text;
  for (std::string_view piece = body.peek(); !piece.empty(); piece = body.peek()) {
    if (piece.size() > limits.field_bytes - text.size()) throw RequestError(413, kFieldsTooLarge);
    text += piece;
    body.consume(piece.size());
  }
  auto fields = parse_query(text, {.bytes = limits.field_bytes, .count = limits.count});
  if (!fields) throw RequestError(413, "The form has too many fields");
  return {.fields = std::move(*fields), .files = {}};
}

/// Reads the content of a file; what it keeps in memory is no longer for the others.
SpooledFile read_content(MultipartReader& parts, std::size_t& memory_left,
                         const std::string& directory) {
  SpooledFile content(memory_left, directory);
  for (std::string_view piece = parts.read(); !piece.empty(); piece = parts.read()) {
    content.write(piece);
  }
  if (content.in_memory()) memory_left -= static_cast<std::size_t>(content.size());
  return content;
}

Form read_multipart(MultipartReader& parts, const FormLimits& limits) {
  Form form;
  std::size_t field_bytes_left = limits.field_bytes;
  std::size_t memory_left = limits.memory_bytes;
  while (const PartHead* part = parts.next()) {
    if (part->filename) {
      SpooledFile content = read_content(parts, memory_left, limits.directory);
      const bool chosen = !part->filename->empty() || content.size() > 0;
      if (!chosen) continue;
      form.files.push_back({.name = part->name,
                            .filename = *part->filename,
                            .content_type = part->content_type,
                            .content = std::move(content)});
      continue;
    }
    if (part->name.size() > field_bytes_left) throw RequestError(413, kFieldsTooLarge);
    std::string value = parts.read_all(field_bytes_left - part->name.size());
    field_bytes_left -= part->name.size() + value.size();
    form.fields.add(part->name, std::move(value));
  }
  return form;
}

}  // namespace

const UploadedFile* Form::file(std::string_view name) const noexcept {
  const auto found = std::ranges::find(files, name, &UploadedFile::name);
  return found == files.end() ? nullptr : &*found;
}

Form read_form(Reader& body, std::string_view content_type, const FormLimits& limits) {
  const auto type = parse_parameterized(content_type);
  if (type && type->value == "application/x-www-form-urlencoded") {
    return read_urlencoded(body, limits);
  }
  if (type && type->value == "multipart/form-data") {
    MultipartReader parts(body, content_type, limits);
    return read_multipart(parts, limits);
  }
  throw RequestError(415, "A form was expected");
}

}  // namespace socketserver::http
