#include "http/file_answer.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/conditional.hpp>
#include <socketserver/http/proto/date.hpp>
#include <socketserver/http/proto/range.hpp>

#include "http/file_content.hpp"

namespace socketserver::http {
namespace {

void send_fields(BaseHTTPRequestHandler& self, const Headers* fields) {
  if (fields == nullptr) return;
  for (const auto [name, value] : *fields) self.send_header(name, value);
}

/// As BaseHTTPRequestHandler::date_time_string, without the heap.
void send_date(BaseHTTPRequestHandler& self, std::string_view name, std::int64_t seconds) {
  std::array<char, kDateSize> text;
  if (!format_date_to(text.data(), seconds)) {
    throw std::out_of_range("the file's year is not within 0 to 9999");
  }
  self.send_header(name, {text.data(), text.size()});
}

void send_number(BaseHTTPRequestHandler& self, std::string_view name, std::uint64_t number) {
  std::array<char, 24> text;
  const auto digits = std::to_chars(text.data(), text.data() + text.size(), number);
  self.send_header(name, {text.data(), digits.ptr});
}

/// What a tag of our own says, which need not be checked.
EntityTag parts_of(std::string_view tag, bool weak) {
  const std::size_t opening = weak ? 3 : 1;  // W/"
  return {.opaque = tag.substr(opening, tag.size() - opening - 1), .weak = weak};
}

RangeSet requested_ranges(const BaseHTTPRequestHandler& self, std::uint64_t size,
                          const FileFields& sent, const Validators& current) {
  if (!self.headers().contains("Range")) return {};
  const auto fields = self.headers().get_all("Range");
  if (self.command() != "GET" || fields.size() != 1 || sent.encode != kIdentity ||
      !if_range_holds(self.headers(), current)) {
    return {};
  }
  auto wanted = parse_range(fields.front(), size);
  // A Content-Encoding would be taken for the multipart body's.
  if (sent.coding != kIdentity && wanted.ranges.size() > 1) return {};
  return wanted;
}

void send_content_fields(BaseHTTPRequestHandler& self, const FileFields& fields, RangeSet& wanted,
                         std::uint64_t size, Selection& selection) {
  if (wanted.ranges.size() > 1) {
    const auto& parts = selection.parts.emplace(
        std::move(wanted.ranges), size, std::string(fields.content_type), random_boundary());
    self.send_header("Content-Type", parts.content_type());
    send_number(self, "Content-Length", parts.content_length());
    return;
  }
  self.send_header("Content-Type", fields.content_type);
  if (fields.coding != kIdentity) self.send_header("Content-Encoding", fields.coding);
  if (!wanted.ranges.empty()) {
    selection.range = wanted.ranges.front();
    self.send_header("Content-Range", content_range(*selection.range, size));
  }
  send_number(self, "Content-Length", selection.range ? selection.range->size() : size);
}

/// False when the file has become too short: nothing may follow.
bool copy_range(BaseHTTPRequestHandler& self, const OpenedPath& file, ByteRange range,
                bool announced) {
  if (file.content) {
    self.wfile().write(std::string_view(*file.content).substr(range.first, range.size()));
    return true;
  }
  const std::uint64_t sent = self.wfile().sendfile(file.fd.get(), range.first, range.size());
  if (sent == range.size()) return true;
  self.log_error("the file ended " + std::to_string(range.size() - sent) +
                 " bytes before what was announced: connection cut");
  // Without a length to fall short of, a proper end would make it look whole.
  if (!announced) throw_os_error(std::make_error_code(std::errc::io_error), "send file");
  return false;
}

}  // namespace

bool send_file_head(BaseHTTPRequestHandler& self, const OpenedPath& file, const FileFields& fields,
                    Selection& selection) {
  selection = {};
  const bool encodes = fields.encode != kIdentity;
  const FileTag of_file(file);
  const std::string of_coding =
      encodes ? weak_tag_of_coding(of_file.view(), fields.encode) : std::string();
  const std::string_view tag = encodes ? of_coding : of_file.view();
  const Validators current{.tag = parts_of(tag, encodes), .modified_at = file.modified_at};
  const auto condition = evaluate_preconditions(self.headers(), self.command(), current);
  if (condition == Precondition::failed) {
    self.send_error(412);
    return false;
  }
  if (condition == Precondition::not_modified) {
    self.send_response(304);
    self.send_header("ETag", tag);
    send_fields(self, fields.more);
    self.end_headers();
    return false;
  }
  RangeSet wanted = requested_ranges(self, file.size, fields, current);
  if (wanted.kind == RangeSet::Kind::unsatisfiable) {
    Headers extra;
    extra.add("Content-Range", unsatisfied_range(file.size));
    self.send_error(416, std::nullopt, std::nullopt, extra);
    return false;
  }
  self.send_response(wanted.kind == RangeSet::Kind::partial ? 206 : 200);
  send_content_fields(self, fields, wanted, file.size, selection);
  self.send_header("ETag", tag);
  send_date(self, "Last-Modified", file.modified_at);
  self.send_header("Accept-Ranges", "bytes");
  send_fields(self, fields.more);
  selection.announced = !encodes || !self.encode_body({&fields.encode, 1});
  self.end_headers();
  return true;
}

void send_file_content(BaseHTTPRequestHandler& self, const OpenedPath& file,
                       const Selection& selection) {
  if (self.command() == "HEAD") return;
  if (!selection.parts) {
    if (selection.range) {
      copy_range(self, file, *selection.range, true);
    } else if (file.size > 0) {
      copy_range(self, file, {.first = 0, .last = file.size - 1}, selection.announced);
    }
    return;
  }
  const MultipartRanges& parts = *selection.parts;
  for (std::size_t i = 0; i < parts.ranges().size(); ++i) {
    self.wfile().write(parts.part_head(i));
    if (!copy_range(self, file, parts.ranges()[i], true)) return;
  }
  self.wfile().write(parts.end());
}

}  // namespace socketserver::http
