#include <algorithm>
#include <utility>

#include <socketserver/base/offload.hpp>
#include <socketserver/http/proto/content_disposition.hpp>
#include <socketserver/http/simple_handler.hpp>

#include "http/directory_archive.hpp"
#include "http/directory_listing.hpp"

// How SimpleHTTPRequestHandler sends whole directories.

namespace socketserver {
namespace {

constexpr std::size_t kArchiveBlock = std::size_t{64} * 1024;

// What the root is called in its archive.
constexpr const char* kRootName = "files";

}  // namespace

/// The name of the format that the query asks for, whether there is such a one or not; "": none.
std::string_view SimpleHTTPRequestHandler::named_archive() const {
  return http::query_value(http::split_target(path()).query, "archive");
}

/// That format, if there is such a one.
const http::ArchiveFormat* SimpleHTTPRequestHandler::wanted_archive() const {
  const auto& formats = options().archives;
  if (formats.empty() || !options().list_directories) return nullptr;
  const auto found = std::ranges::find(formats, named_archive(), &http::ArchiveFormat::name);
  return found == formats.end() ? nullptr : &*found;
}

/// Who wants an archive would not notice that a page has come instead.
void SimpleHTTPRequestHandler::refuse_archive() {
  std::string names;
  for (const http::ArchiveFormat& format : options().archives) {
    names += (names.empty() ? "" : ", ") + format.name;
  }
  send_error(404, "No such archive",
             names.empty() ? "Directories cannot be had as archives here."
                           : "Directories can be had as archives of these formats: " + names + ".");
}

void SimpleHTTPRequestHandler::send_archive(http::OpenedPath directory,
                                            const http::TargetPath& place,
                                            const http::ArchiveFormat& format) {
  const std::string packed = place.words.empty() ? kRootName : place.words.back();
  http::DirectoryArchive archive(root(), options().show_hidden, options().hidden_names,
                                 std::move(directory.fd), place.words, packed,
                                 format.make_writer());
  send_response(200);
  send_header("Content-Type", format.media_type);
  send_header("Content-Disposition", http::attachment(packed + format.suffix));
  http::Headers fields;
  add_default(fields, options(), "X-Content-Type-Options", "nosniff");
  add_cache_fields(fields, options(), "no-store", {});
  for (const auto [name, value] : fields) send_header(name, value);
  end_headers();
  if (command() == "HEAD") return;
  std::string block;
  for (bool more = true; more;) {
    block.clear();
    more = offload([&] { return archive.render(block, kArchiveBlock); });
    for (const std::string& complaint : archive.take_complaints()) log_error(complaint);
    wfile().write(block);
  }
}

}  // namespace socketserver
