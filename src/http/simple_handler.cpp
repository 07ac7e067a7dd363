#include <socketserver/http/simple_handler.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/date.hpp>

#include "http/directory_listing.hpp"

namespace socketserver {
namespace {

using http::OpenedPath;

// Up to here a copy that leaves together with the head beats sendfile(2).
constexpr std::uint64_t kCopiedWhole = std::uint64_t{64} * 1024;

/// Reads up to `size` bytes from the start of a file; fewer when it has shrunk.
std::string read_file(int fd, std::size_t size) {
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got =
        ::pread(fd, content.data() + filled, size - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_os_error(last_error(), "read file");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

/// The file may well be there.
bool is_shortage(const std::error_code& code) {
  return code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system || code == std::errc::not_enough_memory ||
         code == std::errc::resource_unavailable_try_again;
}

std::string decoded_path(const http::TargetPath& place) {
  std::string path = "/";
  for (const std::string& word : place.words) path += word + '/';
  return path;
}

}  // namespace

SimpleHTTPRequestHandler::Shared::Shared(Options given)
    : options(std::move(given)), root(options.directory, options.symlinks) {}

void SimpleHTTPRequestHandler::do_GET() {
  if (const auto file = send_head()) copyfile(*file);
}

void SimpleHTTPRequestHandler::do_HEAD() {
  send_head();
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_head() {
  const auto place = translate_path(path());
  if (!place || is_hidden(*place)) {
    send_error(404, "File not found");
    return std::nullopt;
  }
  OpenedPath found = shared_.root.open(place->words);
  if (found.kind == OpenedPath::Kind::directory) return send_directory(std::move(found), *place);
  if (found.kind != OpenedPath::Kind::file || place->trailing_slash) {
    if (is_shortage(found.ec)) {
      send_error(503);
      return std::nullopt;
    }
    const bool locked = found.ec == std::errc::permission_denied && place->trailing_slash;
    send_error(404, locked ? "No permission to list directory" : "File not found");
    return std::nullopt;
  }
  return send_file_head(std::move(found), place->words.back());
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_directory(OpenedPath directory,
                                                                   const http::TargetPath& place) {
  if (!place.trailing_slash) {
    send_response(301);
    send_header("Location", http::redirect_location(path()));
    send_header("Content-Length", "0");
    end_headers();
    return std::nullopt;
  }
  for (const std::string& name : options().index_pages) {
    auto words = place.words;
    words.push_back(name);
    OpenedPath index = shared_.root.open(words);
    if (index.kind == OpenedPath::Kind::file) return send_file_head(std::move(index), name);
    // Who has put an index page there wants no listing, even if the page cannot be had.
    if (index.ec && index.ec != std::errc::no_such_file_or_directory) {
      is_shortage(index.ec) ? send_error(503) : send_error(404, "File not found");
      return std::nullopt;
    }
  }
  if (options().list_directories) {
    list_directory(std::move(directory), decoded_path(place));
  } else {
    send_error(404, "File not found");
  }
  return std::nullopt;
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_file_head(OpenedPath file,
                                                                   std::string_view name) {
  if (is_unmodified(file)) {
    send_response(304);
    end_headers();
    return std::nullopt;
  }
  send_success(guess_type(name), file.size);
  send_header("Last-Modified", date_time_string(file.modified_at));
  end_headers();
  return file;
}

std::optional<http::TargetPath> SimpleHTTPRequestHandler::translate_path(
    std::string_view target) const {
  return http::resolve_target(target);
}

void SimpleHTTPRequestHandler::list_directory(OpenedPath directory, const std::string& title) {
  std::string page;
  try {
    page = http::render_directory(
        http::read_directory(std::move(directory.fd), options().show_hidden), title);
  } catch (const OSError&) {
    return send_error(404, "No permission to list directory");
  }
  send_success("text/html; charset=utf-8", page.size());
  end_headers();
  wfile().write(page);
}

void SimpleHTTPRequestHandler::copyfile(const OpenedPath& source) {
  if (command() == "HEAD") return;
  if (source.size <= kCopiedWhole) {
    wfile().write(read_file(source.fd.get(), static_cast<std::size_t>(source.size)));
  } else {
    wfile().sendfile(source.fd.get(), 0, source.size);
  }
}

std::string_view SimpleHTTPRequestHandler::guess_type(std::string_view name) const {
  return http::guess_type(name, options().extensions_map, options().default_content_type);
}

bool SimpleHTTPRequestHandler::is_hidden(const http::TargetPath& place) const {
  return !options().show_hidden && place.has_dot_word(".well-known");
}

bool SimpleHTTPRequestHandler::is_unmodified(const OpenedPath& file) const {
  const auto field = headers().get("If-Modified-Since");
  if (!field || headers().contains("If-None-Match")) return false;
  const auto since = http::parse_date(*field);
  return since && file.modified_at <= *since;
}

void SimpleHTTPRequestHandler::send_success(std::string_view type, std::uint64_t length) {
  send_response(200);
  send_header("Content-Type", type);
  send_header("Content-Length", std::to_string(length));
  for (const auto& [name, value] : options().extra_response_headers) send_header(name, value);
}

void SimpleHTTPRequestHandler::send_method_not_allowed() {
  http::Headers allow;
  allow.add("Allow", "GET, HEAD");
  send_error(405, std::nullopt, std::nullopt, allow);
}

}  // namespace socketserver
