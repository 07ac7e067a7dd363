#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/file_store_handler.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/http/proto/upload_part.hpp>

#include "http/file_content.hpp"
#include "http/new_file.hpp"
#include "http/store_target.hpp"

// How FileStoreHTTPRequestHandler takes files.

namespace socketserver {
namespace {

using Kind = http::StoreDirectory::Kind;

constexpr std::size_t kUploadBlock = std::size_t{64} * 1024;

// So many of a name are enough.
constexpr int kMostNumbers = 1000;

/// "name (2).txt" of "name.txt".
std::string numbered(const std::string& name, int number) {
  std::size_t dot = name.rfind('.');
  if (dot == 0 || dot == name.npos) dot = name.size();
  return name.substr(0, dot) + " (" + std::to_string(number) + ')' + name.substr(dot);
}

/// Whether the rest of a body may still come, in another request.
bool may_be_continued(const std::error_code& ec) {
  return ec != std::errc::message_size && ec != std::errc::bad_message;
}

}  // namespace

void FileStoreHTTPRequestHandler::do_PUT() {
  auto target = admit_file();
  if (!target || !make_parents(*target)) return;
  std::error_code ec;
  auto file = http::NewFile::create(*target->parent, store_options().file_mode, ec);
  if (!file) return refuse(ec, "create a file");
  try {
    if (!receive(*file, std::nullopt)) return;
  } catch (const OSError& error) {
    if (keeps_partials() && file->size() > 0 && may_be_continued(error.code())) {
      if (const auto not_kept = keep(*target, *file)) {
        log_error("keep a part of a file: " + not_kept.message());
      }
    }
    throw;
  }
  publish(*target, *file);
}

void FileStoreHTTPRequestHandler::do_PATCH() {
  if (!keeps_partials()) return send_method_not_allowed();
  auto target = admit_file();
  if (!target) return;
  const auto part = http::read_upload_part(headers());
  if (!part) return send_error(400, "Upload-Offset or Content-Range expected");
  const std::uint64_t most = store_options().upload_max;
  if (most != 0 && std::max(part->total.value_or(0), part->offset) > most) {
    return send_error(413, "File too large");
  }
  if (!make_parents(*target)) return;
  std::error_code ec;
  auto file = resume(*target, ec);
  if (!file && !ec && part->offset == 0) {
    if (auto fresh = http::NewFile::create(*target->parent, store_options().file_mode, ec)) {
      ec = keep(*target, file.emplace(*std::move(fresh)));
    }
  }
  if (ec) return refuse(ec, "keep a part of a file");
  const std::uint64_t size = file ? file->size() : 0;
  if (part->offset != size) return send_offset(409, size);
  continue_upload(*target, *file, *part);
}

/// HEAD also tells how much has arrived of an upload that is not done.
void FileStoreHTTPRequestHandler::do_HEAD() {
  const auto place = translate_path(path());
  const auto kept = place ? kept_size(*place) : std::nullopt;
  if (kept && root().open(place->words).kind == http::OpenedPath::Kind::absent) {
    return send_offset(204, *kept);
  }
  offset_ = kept;
  SimpleHTTPRequestHandler::do_HEAD();
}

void FileStoreHTTPRequestHandler::end_headers() {
  answered_ = true;
  if (const auto offset = std::exchange(offset_, std::nullopt)) {
    send_header("Upload-Offset", std::to_string(*offset));
  }
  SimpleHTTPRequestHandler::end_headers();
}

/// Adds the body to a file. False: it was refused, and that was answered.
///
/// @param end  the size of the file at which the body must be over, if it is known.
/// @throws OSError when the body cannot be read.
bool FileStoreHTTPRequestHandler::receive(http::NewFile& file, std::optional<std::uint64_t> end) {
  const std::uint64_t most = store_options().upload_max;
  // On the heap: the stacks of fibers are small.
  const auto block = std::make_unique<std::array<char, kUploadBlock>>();
  for (;;) {
    const IoResult got = rfile().read_some(*block, Deadline::never());
    if (got.ec) throw_os_error(got.ec, "read an upload");
    const std::uint64_t size = file.size() + got.n;
    if (most != 0 && size > most) {
      send_error(413, "File too large");
      return false;
    }
    if (end && (size > *end || (got.n == 0 && size < *end))) {
      send_error(400, "Not as long as announced");
      return false;
    }
    if (got.n == 0) return true;
    if (const auto ec = file.write({block->data(), got.n})) {
      refuse(ec, "write a file");
      return false;
    }
  }
}

/// Adds the body to what was kept of a file, which is published when that was all.
void FileStoreHTTPRequestHandler::continue_upload(const Target& target, http::NewFile& file,
                                                  const http::UploadPart& part) {
  const std::uint64_t before = file.size();
  // What is refused must not fill the disk, nor be taken for a part that was received.
  const auto take_back = [&] { [[maybe_unused]] const auto ec = file.cut(before); };
  try {
    if (!receive(file, part.end)) return take_back();
  } catch (const OSError& error) {
    if (!may_be_continued(error.code())) take_back();
    throw;
  }
  const bool all = part.total && file.size() == *part.total;
  if (part.total && (file.size() > *part.total || (part.last && !all))) {
    take_back();
    return send_error(400, "Not as long as announced");
  }
  if (part.last || all) return publish(target, file);
  if (!file.has_its_name()) {
    return refuse(std::make_error_code(std::errc::device_or_resource_busy),
                  "keep a part of a file");
  }
  send_offset(204, file.size());
}

/// Gives a file that is whole its name, and answers.
void FileStoreHTTPRequestHandler::publish(const Target& target, http::NewFile& file) {
  Stored stored{.name = target.name()};
  if (const auto ec = store(target, file, stored)) return refuse(ec, "store a file");
  send_response(stored.replaced ? 204 : 201);
  send_header("ETag", http::make_entity_tag(file.describe()));
  if (stored.name != target.name()) {
    auto words = target.place.words;
    words.back() = stored.name;
    send_header("Location", location_of(words));
  }
  if (!stored.replaced) send_header("Content-Length", "0");
  end_headers();
}

/// Gives a file that is whole its name, if the conditions of the request still hold.
std::error_code FileStoreHTTPRequestHandler::store(const Target& target, http::NewFile& file,
                                                   Stored& stored) {
  std::error_code ec;
  if (store_options().sync) ec = file.sync();
  if (ec) return ec;
  {
    const auto lock = target.parent->lock();
    if (!lock) return std::make_error_code(std::errc::no_lock_available);
    if (!conditions_hold(target)) return std::make_error_code(std::errc::operation_canceled);
    ec = give_name(target, file, stored);
  }
  if (!ec && store_options().sync) ec = target.parent->sync();
  if (ec) return ec;
  std::error_code busy;
  if (auto stale = resume(target, busy)) stale->drop();
  return {};
}

std::error_code FileStoreHTTPRequestHandler::give_name(const Target& target, http::NewFile& file,
                                                       Stored& stored) {
  std::error_code ec = file.put(stored.name);
  if (ec != std::errc::file_exists) return ec;
  switch (store_options().on_duplicate) {
    case OnDuplicate::error:
      return ec;
    case OnDuplicate::overwrite:
      if (target.find() == Kind::other) return ec;
      stored.replaced = true;
      return file.replace(stored.name);
    case OnDuplicate::rename:
      for (int i = 1; ec == std::errc::file_exists && i <= kMostNumbers; ++i) {
        stored.name = numbered(target.name(), i);
        ec = file.put(stored.name);
      }
      return ec;
  }
  return ec;
}

bool FileStoreHTTPRequestHandler::keeps_partials() const noexcept {
  return store_options().partial_lifetime > Duration::zero();
}

std::error_code FileStoreHTTPRequestHandler::keep(const Target& target, http::NewFile& file) {
  // Whoever keeps something clears away what nobody has come back for.
  target.parent->remove_leftovers(partial_seconds());
  const auto lock = target.parent->lock();
  if (!lock) return std::make_error_code(std::errc::no_lock_available);
  // What somebody is writing to is not replaced, and nobody begins to meanwhile.
  std::error_code ec;
  const auto kept_before = resume(target, ec);
  return ec ? ec : file.keep(target.name());
}

std::optional<http::NewFile> FileStoreHTTPRequestHandler::resume(const Target& target,
                                                                 std::error_code& ec) const {
  return http::NewFile::resume(*target.parent, target.name(), partial_seconds(), ec);
}

std::int64_t FileStoreHTTPRequestHandler::partial_seconds() const noexcept {
  return std::chrono::ceil<std::chrono::seconds>(store_options().partial_lifetime).count();
}

/// How much of an upload to this place has arrived, for who may go on with it.
std::optional<std::uint64_t> FileStoreHTTPRequestHandler::kept_size(const http::TargetPath& place) {
  const std::span words(place.words);
  if (!store_options().upload || !keeps_partials() || is_hidden(place) || !offers_changes(place) ||
      words.size() <= shared_.writable.size() || !http::covers(shared_.writable, words)) {
    return std::nullopt;
  }
  http::OpenedPath parent = open_writable(words.first(words.size() - 1));
  if (parent.kind != http::OpenedPath::Kind::directory) return std::nullopt;
  return http::StoreDirectory(std::move(parent.fd)).partial_size(words.back(), partial_seconds());
}

/// Answers how much of an upload has arrived.
void FileStoreHTTPRequestHandler::send_offset(int code, std::uint64_t offset) {
  offset_ = offset;
  if (code >= 400) return send_error(code, "Upload-Offset is another one");
  send_response(code);
  send_header("Upload-Complete", "?0");
  send_header("Cache-Control", "no-store");
  end_headers();
}

}  // namespace socketserver
