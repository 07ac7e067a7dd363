#include <socketserver/http/file_store_handler.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/base/offload.hpp>
#include <socketserver/http/misdirected.hpp>
#include <socketserver/http/proto/conditional.hpp>
#include <socketserver/http/proto/same_origin.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/file_content.hpp"
#include "http/store_target.hpp"

namespace socketserver {
namespace {

using Kind = http::StoreDirectory::Kind;

/// How a change that the file system refused is answered.
struct Refusal {
  std::errc code;
  int status;
  std::string_view message;
};

constexpr std::array<Refusal, 21> kRefusals = {{
    {std::errc::operation_canceled, 412, "Precondition Failed"},
    {std::errc::no_such_file_or_directory, 409, "No such directory"},
    {std::errc::not_a_directory, 409, "No such directory"},
    {std::errc::file_exists, 409, "Exists already"},
    {std::errc::is_a_directory, 409, "Exists already"},
    {std::errc::directory_not_empty, 409, "Directory not empty"},
    {std::errc::value_too_large, 409, "Too much to remove at once"},
    {std::errc::device_or_resource_busy, 423, "Another upload is writing to it"},
    {std::errc::no_lock_available, 423, "The directory is locked"},
    {std::errc::cross_device_link, 403, "Outside of the directory"},
    {std::errc::too_many_symbolic_link_levels, 403, "Outside of the directory"},
    {std::errc::permission_denied, 403, "Permission denied"},
    {std::errc::operation_not_permitted, 403, "Permission denied"},
    {std::errc::read_only_file_system, 403, "Read-only"},
    {std::errc::filename_too_long, 400, "Name too long"},
    {std::errc::invalid_argument, 400, "Not a possible name"},
    {std::errc::file_too_large, 413, "File too large"},
    {std::errc::no_space_on_device, 507, "No space left"},
    {std::errc::too_many_files_open, 503, "Out of descriptors"},
    {std::errc::too_many_files_open_in_system, 503, "Out of descriptors"},
    {std::errc::not_enough_memory, 503, "Out of memory"},
}};

bool has_control_character(std::string_view name) {
  return std::ranges::any_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::vector<std::string> words_below(const std::string& directory) {
  const auto place = http::resolve_target('/' + http::percent_encode_path(directory));
  if (!place) throw std::invalid_argument("writable: " + http::repr(directory) + " is no path");
  return place->words;
}

http::DocumentRoot open_directory(const http::DocumentRoot& root,
                                  std::span<const std::string> words,
                                  const FileStoreOptions& options) {
  http::OpenedPath found = root.open_inside(words);
  if (found.kind != http::OpenedPath::Kind::directory) {
    throw_os_error(found.ec ? found.ec : std::make_error_code(std::errc::not_a_directory),
                   "open directory " +
                       (options.writable.empty() ? options.files.directory : options.writable));
  }
  return http::DocumentRoot(std::move(found.fd), options.files.symlinks);
}

/// Who may add a file, and replace none, has none of theirs sent in place of another.
SimpleHTTPOptions served_files(const FileStoreOptions& options) {
  SimpleHTTPOptions files = options.files;
  if (options.upload && options.on_duplicate != OnDuplicate::overwrite) files.precompressed = false;
  return files;
}

}  // namespace

FileStoreHTTPRequestHandler::Shared::Shared(FileStoreOptions given)
    : SimpleHTTPRequestHandler::Shared(served_files(given)),
      store(std::move(given)),
      writable(words_below(store.writable)),
      writable_root(open_directory(root, writable, store)) {}

bool FileStoreHTTPRequestHandler::dispatch(std::string_view command) {
  if (command != "MKCOL") return SimpleHTTPRequestHandler::dispatch(command);
  do_MKCOL();
  return true;
}

/// What can be refused is refused before the client sends it.
bool FileStoreHTTPRequestHandler::handle_expect_100() {
  if (command() == "PUT" && !admit_file()) return false;
  if (command() == "POST" && !admit_form()) return false;
  return SimpleHTTPRequestHandler::handle_expect_100();
}

void FileStoreHTTPRequestHandler::send_method_not_allowed(std::optional<std::string_view> message) {
  std::string methods = "GET, HEAD";
  if (store_options().upload) methods += ", PUT, POST";
  if (store_options().upload && keeps_partials()) methods += ", PATCH";
  if (store_options().make_directories) methods += ", MKCOL";
  if (store_options().remove) methods += ", DELETE";
  http::Headers allow;
  allow.add("Allow", methods);
  send_error(405, message, std::nullopt, allow);
}

std::string FileStoreHTTPRequestHandler::location_of(std::span<const std::string> words) const {
  std::string location;
  for (const std::string& word : words) location += '/' + http::percent_encode_path(word);
  return location;
}

void FileStoreHTTPRequestHandler::do_MKCOL() {
  const auto target = admit(store_options().make_directories);
  if (!target) return;
  if (has_control_character(target->name())) return send_error(400, "Not a possible name");
  const bool has_body = headers().contains("Transfer-Encoding") ||
                        headers().get("Content-Length").value_or("0") != "0";
  if (has_body) return send_error(415);
  if (!target->parent) return send_error(409, "No such directory");
  if (target->find() != Kind::absent) return send_method_not_allowed();  // RFC 4918 §9.3.1
  if (const auto ec = target->parent->make_directory(target->name())) {
    return refuse(ec, "make directory");
  }
  send_response(201);
  send_header("Content-Length", "0");
  end_headers();
}

void FileStoreHTTPRequestHandler::do_DELETE() {
  const auto target = admit(store_options().remove);
  if (!target) return;
  const Kind kind = target->find();
  if (kind == Kind::absent || (kind != Kind::directory && target->place.trailing_slash)) {
    return send_error(404, "File not found");
  }
  const bool with_content = http::iequals(headers()["Depth"], "infinity");
  std::error_code ec;
  if (kind == Kind::directory && with_content) {
    if (!conditions_hold(*target)) return send_error(412);
    const auto stays = [&](const std::string& name) {
      // One more word in front: of the first one, a name may be exempt.
      return is_hidden({.words = {target->name(), name}}) &&
             !http::StoreDirectory::is_leftover(name);
    };
    ec = offload([&] {
      return target->parent->remove_tree(target->name(), store_options().remove_limit, stays);
    });
  } else {
    ec = remove(*target);
  }
  if (ec) return refuse(ec, "remove");
  send_response(204);
  end_headers();
}

/// Removes a file, a link or an empty directory, if the conditions of the request hold.
std::error_code FileStoreHTTPRequestHandler::remove(const Target& target) {
  const auto lock = target.parent->lock();
  if (!lock) return std::make_error_code(std::errc::no_lock_available);
  if (!conditions_hold(target)) return std::make_error_code(std::errc::operation_canceled);
  return target.parent->remove(target.name());
}

bool FileStoreHTTPRequestHandler::may_write_to(const http::TargetPath& /*place*/) {
  return may_write();
}

bool FileStoreHTTPRequestHandler::offers_changes(const http::TargetPath& /*place*/) const {
  return true;
}

/// Whether a request may change anything at all. False: it was answered.
///
/// @param allowed  whether the options allow such changes.
bool FileStoreHTTPRequestHandler::admit_request(bool allowed) {
  if (!allowed) {
    send_method_not_allowed();
  } else if (http::is_cross_origin(headers())) {
    send_error(403, "Not from another site");
  } else if (connection().fileno() >= 0 &&
             http::is_misdirected(headers(), connection().getsockname(), store_options().hosts)) {
    send_error(421, "Not a name of this server", http::kMisdirected);
  } else {
    return true;
  }
  return false;
}

/// Whether who sends the request may change what is at a place. False: it was answered.
bool FileStoreHTTPRequestHandler::admit_client(const http::TargetPath& place) {
  answered_ = false;
  if (may_write_to(place)) return true;
  if (!answered_) send_error(403, "Permission denied");
  return false;
}

/// The place that the request's path names, if who sends it may change that. Nothing: it was
/// answered.
std::optional<http::TargetPath> FileStoreHTTPRequestHandler::admit_place(bool allowed) {
  if (!admit_request(allowed)) return std::nullopt;
  auto place = translate_path(path());
  if (!place) {
    send_error(400, "Not a possible name");
  } else if (admit_client(*place)) {
    return place;
  }
  return std::nullopt;
}

/// Finds out what a request wants to change, and whether it may. Nothing: it was answered.
std::optional<FileStoreHTTPRequestHandler::Target> FileStoreHTTPRequestHandler::admit(
    bool allowed) {
  auto place = admit_place(allowed);
  if (!place) return std::nullopt;
  Target target{.place = *std::move(place), .parent = {}};
  if (!find_parent(target)) return std::nullopt;
  return target;
}

/// Opens a directory in which something is to be changed.
///
/// @param words  its place; `writable`, or below that.
http::OpenedPath FileStoreHTTPRequestHandler::open_writable(
    std::span<const std::string> words) const {
  return shared_.writable_root.open_inside(words.subspan(shared_.writable.size()));
}

/// Opens the directory that a target is in, if it is there. False: nothing may be changed at that
/// place, and that was answered.
bool FileStoreHTTPRequestHandler::find_parent(Target& target) {
  const auto& words = target.place.words;
  const auto refused = [this](int status, std::string_view message) {
    send_error(status, message);
    return false;
  };
  const bool internal = std::ranges::any_of(words, http::StoreDirectory::is_leftover);
  if (internal || is_hidden(target.place)) return refused(403, "Hidden names are not changed");
  // The directory itself stays.
  if (words == shared_.writable || !http::covers(shared_.writable, words)) {
    return refused(403, "Not to be changed");
  }
  http::OpenedPath parent = open_writable(std::span(words).first(words.size() - 1));
  if (parent.kind == http::OpenedPath::Kind::directory) {
    target.parent.emplace(std::move(parent.fd));
  } else if (parent.ec && parent.ec != std::errc::no_such_file_or_directory) {
    refuse(parent.ec, "open directory");
    return false;
  } else if (!parent.ec) {
    return refused(409, "No such directory");
  }
  return true;
}

/// As `admit`, for a file that is to be uploaded.
std::optional<FileStoreHTTPRequestHandler::Target> FileStoreHTTPRequestHandler::admit_file() {
  auto target = admit(store_options().upload);
  if (!target) return std::nullopt;
  const auto refused = [this](int status, std::string_view message) {
    send_error(status, message);
    return std::nullopt;
  };
  if (command() == "PUT" && headers().contains("Content-Range")) {
    return refused(400, "A part of a file cannot be PUT");  // RFC 9110 §14.5
  }
  // Under HTTP/1.1 there is none then; here nothing says where one ends (RFC 1945 §7.2.2).
  if (request_version() < "HTTP/1.1" && !headers().contains("Content-Length")) {
    return refused(411, "Length Required");
  }
  if (!admit_name(*target)) return std::nullopt;
  const std::uint64_t announced = announced_size();
  if (store_options().upload_max != 0 && announced > store_options().upload_max) {
    return refused(413, "File too large");
  }
  const auto room = target->parent ? target->parent->free_bytes() : std::nullopt;
  if (room && announced > *room) return refused(507, "No space left");
  return target;
}

/// Whether a file may get this name. False: it was answered.
bool FileStoreHTTPRequestHandler::admit_name(const Target& target) {
  const Kind kind = target.find();
  const bool is_file = kind == Kind::absent || kind == Kind::file || kind == Kind::link;
  if (std::ranges::any_of(target.place.words, has_control_character)) {
    send_error(400, "Not a possible name");
  } else if (!target.parent && !store_options().make_directories) {
    send_error(409, "No such directory");
  } else if (target.place.trailing_slash || !is_file) {
    send_error(409, "Not a file");
  } else if (!conditions_hold(target)) {
    send_error(412);
  } else if (kind != Kind::absent && store_options().on_duplicate == OnDuplicate::error) {
    send_error(409, "Exists already");
  } else {
    return true;
  }
  return false;
}

/// Makes the directories that the path of a target lacks. False: that was answered.
bool FileStoreHTTPRequestHandler::make_parents(Target& target) {
  const std::span words(target.place.words);
  for (std::size_t depth = shared_.writable.size(); !target.parent; ++depth) {
    http::OpenedPath found = open_writable(words.first(depth));
    if (found.kind != http::OpenedPath::Kind::directory) {
      refuse(found.ec ? found.ec : std::make_error_code(std::errc::not_a_directory),
             "open directory");
      return false;
    }
    http::StoreDirectory directory(std::move(found.fd));
    if (depth + 1 == words.size()) {
      target.parent.emplace(std::move(directory));
    } else if (const auto ec = directory.make_directory(words[depth]);
               ec && ec != std::errc::file_exists) {
      refuse(ec, "make directory");
      return false;
    }
  }
  return true;
}

/// Whether the request's conditions hold for what there is now (RFC 9110 §13).
bool FileStoreHTTPRequestHandler::conditions_hold(const Target& target) {
  if (command() == "POST") return true;  // its target is the directory
  if (target.find() == Kind::absent) return !headers().contains("If-Match");
  const http::OpenedPath current = root().open(target.place.words);
  const std::string tag =
      current.kind == http::OpenedPath::Kind::file ? http::make_entity_tag(current) : std::string();
  const http::Validators validators{.tag = http::parse_entity_tag(tag).value_or(http::EntityTag()),
                                    .modified_at = current.modified_at};
  return http::evaluate_preconditions(headers(), command(), validators) == http::Precondition::pass;
}

/// The `Content-Length` of the request; 0 when there is none.
std::uint64_t FileStoreHTTPRequestHandler::announced_size() const {
  const std::string_view text = headers()["Content-Length"];
  std::uint64_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);  // the parser has checked it
  return size;
}

http::ListingControls FileStoreHTTPRequestHandler::listing_controls() {
  auto controls = SimpleHTTPRequestHandler::listing_controls();
  const auto place = translate_path(path());
  if (!place) return controls;
  const FileStoreOptions& options = store_options();
  const bool any = options.upload || options.make_directories || options.remove;
  if (!any || !http::covers(shared_.writable, place->words) || !offers_changes(*place))
    return controls;
  controls.upload = options.upload;
  controls.resumable = options.upload && keeps_partials();
  controls.make_directories = options.make_directories;
  controls.remove = options.remove;
  return controls;
}

/// Answers a change that the file system refused.
void FileStoreHTTPRequestHandler::refuse(const std::error_code& ec, std::string_view action) {
  // std::errc has no name for a quota.
  constexpr int kQuota = EDQUOT;
  if (ec.value() == kQuota) return send_error(507, "Quota exceeded");
  const auto* known =
      std::ranges::find_if(kRefusals, [&](const Refusal& refusal) { return ec == refusal.code; });
  if (known != kRefusals.end()) return send_error(known->status, known->message);
  log_error(std::string(action) + ": " + ec.message());
  send_error(500);
}

}  // namespace socketserver
