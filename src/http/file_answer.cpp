#include "http/file_answer.hpp"

#include <cstdint>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/conditional.hpp>
#include <socketserver/http/proto/range.hpp>

#include "http/file_content.hpp"

namespace socketserver::http {
namespace {

// Up to here a copy that leaves together with the head beats sendfile(2).
constexpr std::uint64_t kCopiedWhole = std::uint64_t{64} * 1024;

void send_fields(BaseHTTPRequestHandler& self, const Headers& fields) {
  for (const auto [name, value] : fields) self.send_header(name, value);
}

RangeSet requested_ranges(const BaseHTTPRequestHandler& self, std::uint64_t size,
                          const FileFields& sent, const Validators& current) {
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

void send_content_fields(BaseHTTPRequestHandler& self, const FileFields& fields, RangeSet wanted,
                         std::uint64_t size, Selection& selection) {
  if (wanted.ranges.size() > 1) {
    const auto& parts = selection.parts.emplace(std::move(wanted.ranges), size, fields.content_type,
                                                random_boundary());
    self.send_header("Content-Type", parts.content_type());
    self.send_header("Content-Length", std::to_string(parts.content_length()));
    return;
  }
  self.send_header("Content-Type", fields.content_type);
  if (fields.coding != kIdentity) self.send_header("Content-Encoding", fields.coding);
  if (!wanted.ranges.empty()) {
    selection.range = wanted.ranges.front();
    self.send_header("Content-Range", content_range(*selection.range, size));
  }
  self.send_header("Content-Length",
                   std::to_string(selection.range ? selection.range->size() : size));
}

/// False when the file has become too short: nothing may follow.
bool copy_range(BaseHTTPRequestHandler& self, int fd, ByteRange range, bool announced) {
  const std::uint64_t sent =
      range.size() <= kCopiedWhole
          ? self.wfile().write(read_file(fd, range.first, static_cast<std::size_t>(range.size())))
          : self.wfile().sendfile(fd, range.first, range.size());
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
  std::string tag = make_entity_tag(file);
  if (encodes) tag = weak_tag_of_coding(tag, fields.encode);
  const Validators current{.tag = parse_entity_tag(tag).value_or(EntityTag()),
                           .modified_at = file.modified_at};
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
  send_content_fields(self, fields, std::move(wanted), file.size, selection);
  self.send_header("ETag", tag);
  self.send_header("Last-Modified", self.date_time_string(file.modified_at));
  self.send_header("Accept-Ranges", "bytes");
  send_fields(self, fields.more);
  selection.announced = !encodes || !self.encode_body({&fields.encode, 1});
  self.end_headers();
  return true;
}

void send_file_content(BaseHTTPRequestHandler& self, const OpenedPath& file,
                       const Selection& selection) {
  const int fd = file.fd.get();
  if (self.command() == "HEAD") return;
  if (!selection.parts) {
    if (selection.range) {
      copy_range(self, fd, *selection.range, true);
    } else if (file.size > 0) {
      copy_range(self, fd, {.first = 0, .last = file.size - 1}, selection.announced);
    }
    return;
  }
  const MultipartRanges& parts = *selection.parts;
  for (std::size_t i = 0; i < parts.ranges().size(); ++i) {
    self.wfile().write(parts.part_head(i));
    if (!copy_range(self, fd, parts.ranges()[i], true)) return;
  }
  self.wfile().write(parts.end());
}

}  // namespace socketserver::http
