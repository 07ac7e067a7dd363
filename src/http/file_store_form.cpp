#include <utility>

#include <socketserver/http/file_store_handler.hpp>
#include <socketserver/http/multipart_reader.hpp>

#include "http/new_file.hpp"
#include "http/store_target.hpp"

// How FileStoreHTTPRequestHandler takes files from a form.

namespace socketserver {

void FileStoreHTTPRequestHandler::do_POST() {
  auto directory = admit_form();
  if (!directory) return;
  http::MultipartReader parts = read_parts();
  while (const http::PartHead* part = parts.next()) {
    if (part->filename.value_or("").empty()) continue;
    Target target{.place = directory->place, .parent = {}};
    target.place.words.push_back(*part->filename);
    target.place.trailing_slash = false;
    if (!receive_part(std::move(target), parts)) return;
  }
  send_response(303);
  send_header("Location", location_of(directory->place.words) + '/');
  send_header("Content-Length", "0");
  end_headers();
}

/// As `admit`, for the directory that a form's files go to.
std::optional<FileStoreHTTPRequestHandler::Target> FileStoreHTTPRequestHandler::admit_form() {
  auto place = admit_place(store_options().upload);
  if (!place) return std::nullopt;
  if (!place->trailing_slash) {
    send_method_not_allowed();
    return std::nullopt;
  }
  Target target{.place = *std::move(place), .parent = {}};
  // The directory is what some name in it would have as parent.
  target.place.words.emplace_back("any name");
  if (!find_parent(target)) return std::nullopt;
  if (!target.parent) {
    send_error(404, "File not found");
    return std::nullopt;
  }
  target.place.words.pop_back();
  return target;
}

/// Stores the current part of a form. False: it was refused, and that was answered.
bool FileStoreHTTPRequestHandler::receive_part(Target target, http::MultipartReader& parts) {
  if (!admit_client(target.place) || !find_parent(target) || !admit_name(target)) return false;
  std::error_code ec;
  auto file = http::NewFile::create(*target.parent, store_options().file_mode, ec);
  if (!file) {
    refuse(ec, "create a file");
    return false;
  }
  const std::uint64_t most = store_options().upload_max;
  for (auto piece = parts.read(); !piece.empty(); piece = parts.read()) {
    if (most != 0 && file->size() + piece.size() > most) {
      send_error(413, "File too large");
      return false;
    }
    if (ec = file->write(piece); ec) break;
  }
  Stored stored{.name = target.name()};
  if (!ec) ec = store(target, *file, stored);
  if (ec) refuse(ec, "store a file");
  return !ec;
}

}  // namespace socketserver
