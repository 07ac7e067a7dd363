#include <charconv>
#include <limits>
#include <socketserver/http/proto/upload_part.hpp>
#include <string_view>

namespace socketserver::http {
namespace {

// What file offsets can be.
constexpr std::uint64_t kLargestOffset = std::numeric_limits<std::int64_t>::max();

/// A number that is all of `text`.
std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value <= kLargestOffset ? std::optional(value) : std::nullopt;
}

/// Takes what is in front of `separator`, and that, off the front of `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t size = text.find(separator);
  const std::string_view front = text.substr(0, size);
  text.remove_prefix(size == text.npos ? text.size() : size + 1);
  return front;
}

std::optional<UploadPart> read_content_range(std::string_view field) {
  if (!iequals(take_until(field, ' '), "bytes")) return std::nullopt;
  const auto first = read_number(take_until(field, '-'));
  const auto last = read_number(take_until(field, '/'));
  const auto total = read_number(field);
  if (!first || !last || *last < *first || (!total && field != "*")) return std::nullopt;
  if (total && *last >= *total) return std::nullopt;
  return UploadPart{.offset = *first, .end = *last + 1, .total = total};
}

std::optional<UploadPart> read_upload_fields(const Headers& request) {
  const auto offset = read_number(request["Upload-Offset"]);
  if (!offset) return std::nullopt;
  UploadPart part;
  part.offset = *offset;
  if (const auto length = request.get("Upload-Length")) {
    part.total = read_number(*length);
    if (!part.total || *part.total < part.offset) return std::nullopt;
  }
  if (const auto complete = request.get("Upload-Complete")) {
    if (*complete != "?1" && *complete != "?0") return std::nullopt;
    part.last = *complete == "?1";
  }
  return part;
}

}  // namespace

std::optional<UploadPart> read_upload_part(const Headers& request) {
  for (const std::string_view name :
       {"Content-Range", "Upload-Offset", "Upload-Length", "Upload-Complete"}) {
    if (request.get_all(name).size() > 1) return std::nullopt;
  }
  const auto range = request.get("Content-Range");
  if (!range) return read_upload_fields(request);
  return request.contains("Upload-Offset") ? std::nullopt : read_content_range(*range);
}

}  // namespace socketserver::http
