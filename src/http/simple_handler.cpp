#include <socketserver/http/simple_handler.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/accept_encoding.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/directory_listing.hpp"
#include "http/file_content.hpp"

namespace socketserver {
namespace {

using http::OpenedPath;

// Up to here a copy that leaves together with the head beats sendfile(2).
constexpr std::uint64_t kCopiedWhole = std::uint64_t{64} * 1024;

constexpr std::uint64_t kErrorPageBytes = std::uint64_t{1} << 20;

// A listing that fits is sent with its length, a longer one in pieces of this size.
constexpr std::size_t kListingBlock = std::size_t{16} * 1024;

// So many names never fit kListingBlock: all that HEAD needs to read to tell what GET would say.
constexpr std::size_t kHeadNames = 512;

constexpr std::string_view kFileNotFound = "File not found";

/// A content coding and the suffix of files that have it.
struct Sibling {
  std::string_view coding;
  std::string_view suffix;
};

// Smallest first, as a rule.
constexpr std::array<Sibling, 3> kSiblings = {{{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"}}};

bool is_compressed_name(std::string_view name) {
  return std::ranges::any_of(
      kSiblings, [name](const Sibling& sibling) { return name.ends_with(sibling.suffix); });
}

/// The file may well be there.
bool is_shortage(const std::error_code& code) {
  return code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system || code == std::errc::not_enough_memory ||
         code == std::errc::resource_unavailable_try_again;
}

bool is_absent(const std::error_code& code) {
  return code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory;
}

/// Whether a path that names no file may be one that a page's script knows, and no missing file.
bool may_be_a_route(const http::TargetPath& place) {
  return !place.words.empty() && place.words.back().find('.') == std::string::npos &&
         !place.has_dot_word();
}

std::string decoded_path(const http::TargetPath& place) {
  std::string path = "/";
  for (const std::string& word : place.words) path += word + '/';
  return path;
}

/// The words of a file that the options name, "errors/404.html".
std::vector<std::string> words_of(std::string_view file) {
  const auto place = http::resolve_target('/' + http::percent_encode_path(file));
  return place ? place->words : std::vector<std::string>();
}

/// All fields of a name as one list.
std::string joined(const http::Headers& headers, std::string_view name) {
  std::string list;
  for (const std::string_view value : headers.get_all(name)) list.append(value).append(",");
  return list;
}

void require_sendable(const SimpleHTTPOptions& options) {
  http::Headers fields;
  fields.add("Cache-Control", options.cache_control);
  fields.add("Content-Type", options.charset);
  for (const auto& [name, value] : options.extra_response_headers) fields.add(name, value);
  for (const auto& [code, file] : options.error_pages) {
    if (code >= 400 && code <= 599) continue;
    throw std::invalid_argument("error page " + file + " for status " + std::to_string(code) +
                                ", which is no error");
  }
}

}  // namespace

/// What is sent for a file: itself, or a precompressed sibling.
struct SimpleHTTPRequestHandler::Variant {
  OpenedPath file;
  std::string_view coding = http::kIdentity;
  bool negotiated = false;  // another request might get another one

  bool is_coded() const { return coding != http::kIdentity; }
};

SimpleHTTPRequestHandler::Shared::Shared(Options given)
    : options(std::move(given)), root(options.directory, options.symlinks) {
  require_sendable(options);
}

void SimpleHTTPRequestHandler::do_GET() {
  if (const auto file = send_head()) copyfile(*file);
}

void SimpleHTTPRequestHandler::do_HEAD() {
  send_head();
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_head() {
  const auto place = translate_path(path());
  if (!place || is_hidden(*place)) {
    send_error(404, kFileNotFound);
    return std::nullopt;
  }
  OpenedPath found = root().open(place->words);
  if (found.kind == OpenedPath::Kind::directory) return send_directory(std::move(found), *place);
  if (found.kind == OpenedPath::Kind::file && !place->trailing_slash) {
    return send_file_head(std::move(found), place->words);
  }
  return send_missing(found, *place);
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
    OpenedPath index = root().open(words);
    if (index.kind == OpenedPath::Kind::file) return send_file_head(std::move(index), words);
    // Who has put an index page there wants no listing, even if the page cannot be had.
    if (index.ec && index.ec != std::errc::no_such_file_or_directory) {
      is_shortage(index.ec) ? send_error(503) : send_error(404, kFileNotFound);
      return std::nullopt;
    }
  }
  if (options().list_directories) {
    list_directory(std::move(directory), decoded_path(place));
  } else {
    send_error(404, kFileNotFound);
  }
  return std::nullopt;
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_missing(const OpenedPath& found,
                                                                 const http::TargetPath& place) {
  if (is_shortage(found.ec)) {
    send_error(503);
    return std::nullopt;
  }
  if (options().pretty_urls && is_absent(found.ec) && may_be_a_route(place) &&
      !place.trailing_slash) {
    auto words = place.words;
    words.back() += ".html";
    OpenedPath page = root().open(words);
    if (page.kind == OpenedPath::Kind::file) return send_file_head(std::move(page), words);
  }
  if (!options().spa_fallback.empty() && is_absent(found.ec) && may_be_a_route(place)) {
    const auto words = words_of(options().spa_fallback);
    OpenedPath fallback = root().open(words);
    if (fallback.kind == OpenedPath::Kind::file) return send_file_head(std::move(fallback), words);
  }
  const bool locked = found.ec == std::errc::permission_denied && place.trailing_slash;
  send_error(404, locked ? "No permission to list directory" : kFileNotFound);
  return std::nullopt;
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_file_head(
    OpenedPath file, std::span<const std::string> words) {
  range_.reset();
  parts_.reset();
  Variant variant = choose_variant(std::move(file), words);
  const std::string tag = http::make_entity_tag(variant.file);
  const http::Validators current{.tag = http::parse_entity_tag(tag).value_or(http::EntityTag()),
                                 .modified_at = variant.file.modified_at};
  const std::string_view vary = variant.negotiated ? "Accept-Encoding" : "";

  const auto condition = http::evaluate_preconditions(headers(), command(), current);
  if (condition == http::Precondition::failed) {
    send_error(412);
    return std::nullopt;
  }
  if (condition == http::Precondition::not_modified) {
    send_response(304);
    send_header("ETag", tag);
    send_cache_fields(options().cache_control, vary);
    end_headers();
    return std::nullopt;
  }
  http::RangeSet wanted = requested_ranges(variant, current);
  if (wanted.kind == http::RangeSet::Kind::unsatisfiable) {
    http::Headers extra;
    extra.add("Content-Range", http::unsatisfied_range(variant.file.size));
    send_error(416, std::nullopt, std::nullopt, extra);
    return std::nullopt;
  }
  send_response(wanted.kind == http::RangeSet::Kind::partial ? 206 : 200);
  send_content_fields(variant, std::move(wanted), content_type(words.back()));
  send_header("ETag", tag);
  send_header("Last-Modified", date_time_string(variant.file.modified_at));
  send_header("Accept-Ranges", "bytes");
  send_cache_fields(options().cache_control, vary);
  end_headers();
  return std::move(variant.file);
}

SimpleHTTPRequestHandler::Variant SimpleHTTPRequestHandler::choose_variant(
    OpenedPath file, std::span<const std::string> words) const {
  Variant plain{.file = std::move(file)};
  if (!options().precompressed || is_compressed_name(words.back())) return plain;
  plain.negotiated = true;

  const std::string accepted = joined(headers(), "Accept-Encoding");
  if (accepted.empty()) return plain;
  std::vector<std::string_view> candidates;
  candidates.reserve(std::size(kSiblings));
  for (const Sibling& sibling : kSiblings) candidates.push_back(sibling.coding);
  for (;;) {
    const std::string_view coding = http::choose_coding(accepted, candidates);
    if (coding == http::kIdentity) return plain;
    const Sibling& sibling = *std::ranges::find(kSiblings, coding, &Sibling::coding);
    std::vector<std::string> sibling_words(words.begin(), words.end());
    sibling_words.back() += sibling.suffix;
    OpenedPath found = root().open(sibling_words);
    // Whole seconds: not every compressor that keeps the time keeps more of it.
    if (found.kind == OpenedPath::Kind::file && found.modified_at >= plain.file.modified_at) {
      return {.file = std::move(found), .coding = sibling.coding, .negotiated = true};
    }
    std::erase(candidates, coding);
  }
}

http::RangeSet SimpleHTTPRequestHandler::requested_ranges(const Variant& variant,
                                                          const http::Validators& current) const {
  const auto fields = headers().get_all("Range");
  if (command() != "GET" || fields.size() != 1 || !http::if_range_holds(headers(), current)) {
    return {};
  }
  auto wanted = http::parse_range(fields.front(), variant.file.size);
  // A Content-Encoding would be taken for the multipart body's.
  if (variant.is_coded() && wanted.ranges.size() > 1) return {};
  return wanted;
}

void SimpleHTTPRequestHandler::send_content_fields(const Variant& variant, http::RangeSet wanted,
                                                   const std::string& type) {
  const std::uint64_t size = variant.file.size;
  if (wanted.ranges.size() > 1) {
    parts_.emplace(std::move(wanted.ranges), size, type, http::random_boundary());
    send_header("Content-Type", parts_->content_type());
    send_header("Content-Length", std::to_string(parts_->content_length()));
    return;
  }
  send_header("Content-Type", type);
  if (variant.is_coded()) send_header("Content-Encoding", variant.coding);
  if (!wanted.ranges.empty()) {
    range_ = wanted.ranges.front();
    send_header("Content-Range", http::content_range(*range_, size));
  }
  send_header("Content-Length", std::to_string(range_ ? range_->size() : size));
}

void SimpleHTTPRequestHandler::send_cache_fields(std::string_view cache_control,
                                                 std::string_view vary) {
  if (!cache_control.empty()) send_default("Cache-Control", cache_control);
  if (!vary.empty()) send_header("Vary", vary);
  for (const auto& [name, value] : options().extra_response_headers) send_header(name, value);
}

/// For fields that those of the options replace.
void SimpleHTTPRequestHandler::send_default(std::string_view name, std::string_view value) {
  const bool replaced =
      std::ranges::any_of(options().extra_response_headers,
                          [name](const auto& field) { return http::iequals(field.first, name); });
  if (!replaced) send_header(name, value);
}

std::optional<http::TargetPath> SimpleHTTPRequestHandler::translate_path(
    std::string_view target) const {
  return http::resolve_target(target);
}

void SimpleHTTPRequestHandler::list_directory(OpenedPath directory, const std::string& title) {
  auto wanted = http::read_listing_request(http::split_target(path()).query, headers(),
                                           options().listing_order);
  if (options().listing_format) wanted.format = *options().listing_format;
  const std::size_t limit =
      command() == "HEAD" ? std::min(options().listing_limit, kHeadNames) : options().listing_limit;
  std::optional<http::DirectoryListing> listing;
  std::string page;
  bool more = false;
  try {
    listing.emplace(std::move(directory.fd), options(), limit, wanted, title);
    more = listing->render(page, kListingBlock);
  } catch (const OSError& error) {
    return is_shortage(error.code()) ? send_error(503)
                                     : send_error(404, "No permission to list directory");
  }
  send_response(200);
  send_header("Content-Type", http::content_type(wanted.format));
  if (!more) send_header("Content-Length", std::to_string(page.size()));
  send_default("Content-Security-Policy", http::kListingPolicy);
  send_default("X-Content-Type-Options", "nosniff");
  send_cache_fields("no-cache", "Accept");
  end_headers();
  if (command() == "HEAD") return;
  wfile().write(page);
  while (more) {
    page.clear();
    more = listing->render(page, kListingBlock);
    wfile().write(page);
  }
}

void SimpleHTTPRequestHandler::copyfile(const OpenedPath& source) {
  const auto range = std::exchange(range_, std::nullopt);
  const auto parts = std::exchange(parts_, std::nullopt);
  if (command() == "HEAD") return;
  if (!parts) {
    if (range) copy_range(source, *range);
    if (!range && source.size > 0) copy_range(source, {.first = 0, .last = source.size - 1});
    return;
  }
  for (std::size_t i = 0; i < parts->ranges().size(); ++i) {
    wfile().write(parts->part_head(i));
    if (!copy_range(source, parts->ranges()[i])) return;
  }
  wfile().write(parts->end());
}

/// False when the file has become too short: nothing may follow.
bool SimpleHTTPRequestHandler::copy_range(const OpenedPath& source, http::ByteRange range) {
  const int fd = source.fd.get();
  const std::uint64_t sent =
      range.size() <= kCopiedWhole
          ? wfile().write(http::read_file(fd, range.first, static_cast<std::size_t>(range.size())))
          : wfile().sendfile(fd, range.first, range.size());
  if (sent == range.size()) return true;
  log_error("the file ended " + std::to_string(range.size() - sent) +
            " bytes before what was announced: connection cut");
  return false;
}

std::string_view SimpleHTTPRequestHandler::guess_type(std::string_view name) const {
  return http::guess_type(name, options().extensions_map, options().default_content_type);
}

std::string SimpleHTTPRequestHandler::content_type(std::string_view name) const {
  std::string type(guess_type(name));
  const bool lacks_charset = type.starts_with("text/") && type.find(';') == type.npos;
  if (lacks_charset && !options().charset.empty()) type += "; charset=" + options().charset;
  return type;
}

void SimpleHTTPRequestHandler::send_error(int code, std::optional<std::string_view> message,
                                          std::optional<std::string_view> explain,
                                          const http::Headers& extra) {
  const auto page = read_error_page(code);
  if (!page) return BaseHTTPRequestHandler::send_error(code, message, explain, extra);

  log_error("code " + std::to_string(code) + ", page " + options().error_pages.at(code));
  send_response(code, message);
  for (const auto [name, value] : extra) send_header(name, value);
  send_header("Connection", "close");
  send_header("Content-Type", content_type(words_of(options().error_pages.at(code)).back()));
  send_header("Content-Length", std::to_string(page->size()));
  end_headers();
  wfile().write(*page);
}

std::optional<std::string> SimpleHTTPRequestHandler::read_error_page(int code) const {
  const auto named = options().error_pages.find(code);
  if (named == options().error_pages.end()) return std::nullopt;
  const OpenedPath file = root().open(words_of(named->second));
  if (file.kind != OpenedPath::Kind::file || file.size > kErrorPageBytes) return std::nullopt;
  try {
    return http::read_file(file.fd.get(), 0, static_cast<std::size_t>(file.size));
  } catch (const OSError&) {
    return std::nullopt;
  }
}

bool SimpleHTTPRequestHandler::is_hidden(const http::TargetPath& place) const {
  if (!options().show_hidden && place.has_dot_word(".well-known")) return true;
  return !options().hidden_names.empty() &&
         std::ranges::any_of(place.words, [&](const std::string& word) {
           return http::matches_any(options().hidden_names, word);
         });
}

void SimpleHTTPRequestHandler::send_method_not_allowed() {
  http::Headers allow;
  allow.add("Allow", "GET, HEAD");
  send_error(405, std::nullopt, std::nullopt, allow);
}

}  // namespace socketserver
