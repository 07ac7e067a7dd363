#include <socketserver/http/simple_handler.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/accept_encoding.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/directory_listing.hpp"
#include "http/file_answer.hpp"
#include "http/file_content.hpp"
#include "http/proto/append_all.hpp"
#include "http/shortage.hpp"
#include "http/store_page.hpp"
#include "http/turn_files.hpp"

namespace socketserver {
namespace {

using http::OpenedPath;

// Below this, the coding and what else it costs a client is not worth the bytes.
constexpr std::uint64_t kWorthCompressing = 1024;

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

constexpr auto kSiblingCodings = [] {
  std::array<std::string_view, kSiblings.size()> codings;
  std::ranges::transform(kSiblings, codings.begin(), &Sibling::coding);
  return codings;
}();

bool is_compressed_name(std::string_view name) {
  return std::ranges::any_of(
      kSiblings, [name](const Sibling& sibling) { return name.ends_with(sibling.suffix); });
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

void require_valid(const SimpleHTTPOptions& options) {
  http::Headers fields;
  fields.add("Cache-Control", options.cache_control);
  fields.add("Content-Type", options.charset);
  for (const auto& [name, value] : options.extra_response_headers) fields.add(name, value);
  for (const auto& [code, file] : options.error_pages) {
    if (code >= 400 && code <= 599) continue;
    throw std::invalid_argument("error page " + file + " for status " + std::to_string(code) +
                                ", which is no error");
  }
  for (const std::string& coding : options.compress) {
    if (std::ranges::find(http::content_codings(), coding) != http::content_codings().end())
      continue;
    throw std::invalid_argument("no encoder for the content coding " + coding);
  }
}

}  // namespace

/// What is sent for a file: itself, or a precompressed sibling.
struct SimpleHTTPRequestHandler::Variant {
  std::string_view coding = http::kIdentity;
  std::string_view encode = http::kIdentity;  // on the fly
  bool negotiated = false;                    // another request might get another one

  bool is_coded() const { return coding != http::kIdentity; }
};

SimpleHTTPRequestHandler::Shared::Shared(Options given)
    : options(std::move(given)), root(options.directory, options.symlinks) {
  require_valid(options);
  add_cache_fields(file_fields, options, options.cache_control, "");
  add_cache_fields(negotiated_fields, options, options.cache_control, "Accept-Encoding");
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
  OpenedPath found = open_place(place->words);
  if (found.kind == OpenedPath::Kind::directory) return send_directory(std::move(found), *place);
  if (found.kind == OpenedPath::Kind::file && !place->trailing_slash && may_send(*place)) {
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
  if (const auto* format = wanted_archive()) {
    send_archive(std::move(directory), place, *format);
    return std::nullopt;
  }
  for (const std::string& name : options().index_pages) {
    http::TargetPath page{.words = place.words};
    page.words.push_back(name);
    OpenedPath index = open_instead(page);
    if (index.kind == OpenedPath::Kind::file) return send_file_head(std::move(index), page.words);
    // Who has put an index page there wants no listing, even if the page cannot be had.
    if (index.ec && index.ec != std::errc::no_such_file_or_directory) {
      http::is_shortage(index.ec) ? send_error(503) : send_error(404, kFileNotFound);
      return std::nullopt;
    }
  }
  if (place.words.empty() && !options().spa_fallback.empty()) {
    const auto words = words_of(options().spa_fallback);
    OpenedPath page = open_place(words);
    if (page.kind == OpenedPath::Kind::file) return send_file_head(std::move(page), words);
  }
  if (!options().list_directories) {
    send_error(404, kFileNotFound);
  } else if (!named_archive().empty()) {
    refuse_archive();
  } else {
    list_directory(std::move(directory), decoded_path(place));
  }
  return std::nullopt;
}

OpenedPath SimpleHTTPRequestHandler::open_place(std::span<const std::string> words) {
  const bool changes_nothing = command() == "GET" || command() == "HEAD";
  const bool shared =
      options().share_small_files && changes_nothing && request().came_before_turn();
  return shared ? http::open_in_turn(root(), words) : root().open(words);
}

/// Opens a file that was not asked for by its own name. One that is hidden is not there.
OpenedPath SimpleHTTPRequestHandler::open_instead(const http::TargetPath& place) {
  OpenedPath found;
  found.ec = std::make_error_code(std::errc::no_such_file_or_directory);
  if (is_hidden(place)) return found;
  found = open_place(place.words);
  if (found.kind != OpenedPath::Kind::file || may_send(place)) return found;
  found = {};
  found.ec = std::make_error_code(std::errc::permission_denied);
  return found;
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_missing(const OpenedPath& found,
                                                                 const http::TargetPath& place) {
  if (http::is_shortage(found.ec)) {
    send_error(503);
    return std::nullopt;
  }
  if (options().pretty_urls && is_absent(found.ec) && may_be_a_route(place) &&
      !place.trailing_slash) {
    http::TargetPath named = place;
    named.words.back() += ".html";
    OpenedPath page = open_instead(named);
    if (page.kind == OpenedPath::Kind::file) return send_file_head(std::move(page), named.words);
  }
  if (!options().spa_fallback.empty() && is_absent(found.ec) && may_be_a_route(place)) {
    const auto words = words_of(options().spa_fallback);
    OpenedPath fallback = open_place(words);
    if (fallback.kind == OpenedPath::Kind::file) return send_file_head(std::move(fallback), words);
  }
  const bool locked = found.ec == std::errc::permission_denied && place.trailing_slash;
  send_error(404, locked ? "No permission to list directory" : kFileNotFound);
  return std::nullopt;
}

std::optional<OpenedPath> SimpleHTTPRequestHandler::send_file_head(
    OpenedPath file, std::span<const std::string> words) {
  Variant variant = choose_variant(file, words);
  std::string memory;
  const std::string_view type = content_type(words.back(), memory);
  choose_encoding(variant, file.size, type);
  const http::FileFields fields{
      .content_type = type,
      .coding = variant.coding,
      .encode = variant.encode,
      .more = variant.negotiated ? &shared_.negotiated_fields : &shared_.file_fields};
  if (!http::send_file_head(*this, file, fields, selection_)) return std::nullopt;
  return file;
}

/// @param file  replaced by the variant that is chosen.
SimpleHTTPRequestHandler::Variant SimpleHTTPRequestHandler::choose_variant(
    OpenedPath& file, std::span<const std::string> words) {
  Variant plain;
  if (!options().precompressed || is_compressed_name(words.back())) return plain;
  plain.negotiated = true;

  const std::string accepted = headers().joined("Accept-Encoding");
  if (accepted.empty()) return plain;
  http::TargetPath place{.words = {words.begin(), words.end()}};
  std::string& name = place.words.back();
  for (const auto& wanted : http::rank_codings(accepted, kSiblingCodings)) {
    const Sibling& sibling = *std::ranges::find(kSiblings, wanted.coding, &Sibling::coding);
    name.resize(words.back().size());
    name += sibling.suffix;
    OpenedPath found = open_instead(place);
    // Whole seconds: not every compressor that keeps the time keeps more of it.
    if (found.kind == OpenedPath::Kind::file && found.modified_at >= file.modified_at) {
      file = std::move(found);
      return {.coding = sibling.coding, .negotiated = true};
    }
  }
  return plain;
}

void SimpleHTTPRequestHandler::choose_encoding(Variant& variant, std::uint64_t size,
                                               std::string_view type) const {
  if (options().compress.empty()) return;
  if (variant.is_coded() || size < kWorthCompressing || !http::is_compressible(type)) return;
  variant.negotiated = true;
  if (headers().contains("Range")) return;
  const std::vector<std::string_view> codings(options().compress.begin(), options().compress.end());
  variant.encode = http::choose_coding(headers().joined("Accept-Encoding"), codings);
}

/// For fields that those of the options replace.
void SimpleHTTPRequestHandler::add_default(http::Headers& fields, const Options& options,
                                           std::string_view name, std::string_view value) {
  const bool replaced =
      std::ranges::any_of(options.extra_response_headers,
                          [name](const auto& field) { return http::iequals(field.first, name); });
  if (!replaced) fields.add(name, value);
}

void SimpleHTTPRequestHandler::add_cache_fields(http::Headers& fields, const Options& options,
                                                std::string_view cache_control,
                                                std::string_view vary) {
  if (!cache_control.empty()) add_default(fields, options, "Cache-Control", cache_control);
  if (!vary.empty()) fields.add("Vary", vary);
  for (const auto& [name, value] : options.extra_response_headers) fields.add(name, value);
}

std::optional<http::TargetPath> SimpleHTTPRequestHandler::translate_path(
    std::string_view target) const {
  return http::resolve_target(target);
}

void SimpleHTTPRequestHandler::list_directory(OpenedPath directory, const std::string& title) {
  auto wanted = http::read_listing_request(http::split_target(path()).query, headers(),
                                           options().listing_order);
  if (options().listing_format) wanted.format = *options().listing_format;
  wanted.controls = listing_controls();
  const std::size_t limit =
      command() == "HEAD" ? std::min(options().listing_limit, kHeadNames) : options().listing_limit;
  std::optional<http::DirectoryListing> listing;
  std::string page;
  bool more = false;
  try {
    listing.emplace(std::move(directory.fd), options(), limit, wanted, title);
    more = listing->render(page, kListingBlock);
  } catch (const OSError& error) {
    return http::is_shortage(error.code()) ? send_error(503)
                                           : send_error(404, "No permission to list directory");
  }
  send_response(200);
  send_header("Content-Type", http::content_type(wanted.format));
  if (!more) send_header("Content-Length", std::to_string(page.size()));
  http::Headers fields;
  add_default(fields, options(), "Content-Security-Policy", http::listing_policy(wanted.controls));
  add_default(fields, options(), "X-Content-Type-Options", "nosniff");
  add_cache_fields(fields, options(), "no-cache", "Accept");
  for (const auto [name, value] : fields) send_header(name, value);
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
  http::send_file_content(*this, source, std::exchange(selection_, {}));
}

std::string_view SimpleHTTPRequestHandler::guess_type(std::string_view name) const {
  return http::guess_type(name, options().extensions_map, options().default_content_type);
}

/// @param memory  where the result lies if it is not that of `guess_type`.
std::string_view SimpleHTTPRequestHandler::content_type(std::string_view name,
                                                        std::string& memory) const {
  const std::string_view type = guess_type(name);
  const bool lacks_charset = type.starts_with("text/") && type.find(';') == type.npos;
  if (!lacks_charset || options().charset.empty()) return type;
  http::append_all(memory, type, "; charset=", options().charset);
  return memory;
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
  std::string memory;
  send_header("Content-Type",
              content_type(words_of(options().error_pages.at(code)).back(), memory));
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

http::ListingControls SimpleHTTPRequestHandler::listing_controls() {
  http::ListingControls controls;
  for (const http::ArchiveFormat& format : options().archives) {
    controls.archives.push_back(format.name);
  }
  return controls;
}

bool SimpleHTTPRequestHandler::may_send(const http::TargetPath& /*place*/) const {
  return true;
}

bool SimpleHTTPRequestHandler::is_hidden(const http::TargetPath& place) const {
  if (!options().show_hidden && place.has_dot_word(".well-known")) return true;
  return !options().hidden_names.empty() &&
         std::ranges::any_of(place.words, [&](const std::string& word) {
           return http::matches_any(options().hidden_names, word);
         });
}

void SimpleHTTPRequestHandler::send_method_not_allowed(std::optional<std::string_view> message) {
  http::Headers allow;
  allow.add("Allow", "GET, HEAD");
  send_error(405, message, std::nullopt, allow);
}

}  // namespace socketserver
