#include "send_options.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <socketserver/base/error.hpp>
#include <socketserver/http/content_encoder.hpp>
#include <socketserver/http/proto/headers.hpp>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

constexpr const char* kHeader = "--header";

std::string cache_control(const std::string& text) {
  constexpr std::uint64_t kTenYears = std::uint64_t{10} * 366 * 24 * 3600;
  if (text == "revalidate") return "no-cache";
  if (text == "off") return "no-store";
  if (is_number(text)) {
    return "max-age=" + std::to_string(parse_number("--cache", text, 0, kTenYears));
  }
  throw CLI::ValidationError(
      "--cache", "must be a number of seconds, revalidate or off, not " + in_quotes(text));
}

void require_type(const std::string& option, std::string_view type) {
  const std::size_t slash = type.find('/');
  const bool is_one = slash != type.npos && slash > 0 && slash + 1 < type.size() &&
                      std::ranges::all_of(type, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (is_one) return;
  throw CLI::ValidationError(option,
                             "must be a media type such as text/plain, not " + in_quotes(type));
}

/// The file has lines "type suffix suffix…", as /etc/mime.types.
void read_types(const std::string& file, http::MediaTypes& types) {
  std::ifstream in(file);
  if (!in) throw_os_error(last_error(), "open " + file);
  std::string line;
  while (std::getline(in, line)) {
    line.resize(std::min(line.find('#'), line.size()));
    std::istringstream words(line);
    std::string type;
    if (!(words >> type)) continue;
    require_type("--mime-file", type);
    for (std::string suffix; words >> suffix;) types[as_suffix(suffix)] = type;
  }
  if (in.bad()) throw_os_error(std::make_error_code(std::errc::io_error), "read " + file);
}

/// "Name: value"; the framing of messages is the server's.
std::pair<std::string, std::string> parse_header(std::string_view text) {
  constexpr std::array<std::string_view, 6> kOurs = {
      "Content-Length", "Content-Range", "Transfer-Encoding", "Connection", "Date", "Server"};
  const std::size_t colon = text.find(':');
  if (colon == text.npos) {
    throw CLI::ValidationError(kHeader, "must be \"Name: value\", not " + in_quotes(text));
  }
  const std::string_view value =
      text.substr(std::min(text.find_first_not_of(" \t", colon + 1), text.size()));
  const std::pair<std::string, std::string> field(text.substr(0, colon), value);
  if (std::ranges::any_of(kOurs, [&](auto name) { return http::iequals(name, field.first); })) {
    throw CLI::ValidationError(kHeader, field.first + " is the server's own");
  }
  try {
    http::Headers().add(field.first, field.second);
  } catch (const std::invalid_argument&) {
    throw CLI::ValidationError(kHeader, "not a header field: " + in_quotes(text));
  }
  return field;
}

/// "br,gzip" as a list; "all" is all of them.
std::vector<std::string> codings(const std::string& text) {
  if (text == "all") return {http::content_codings().begin(), http::content_codings().end()};
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    list.push_back(text.substr(begin, end - begin));
    if (std::ranges::find(http::content_codings(), list.back()) == http::content_codings().end()) {
      throw CLI::ValidationError("--compress", "no such coding: " + in_quotes(list.back()));
    }
    begin = end + 1;
  }
  return list;
}

}  // namespace

SendOptions::SendOptions(CLI::App& command) {
  command
      .add_flag("--precompressed,!--no-precompressed", precompressed_,
                "Send a.js.br, .zst or .gz in place of a.js (on unless --no-precompressed)")
      ->default_str("true");
  add_optional_value(command, "--compress", "LIST", compress_, "all",
                     "Encode texts on the fly, with some of br,zstd,gzip, or all");
  command
      .add_option(
          "--cache", cache_,
          "For how many seconds caches may keep files; revalidate: they ask; off: not at all")
      ->type_name("SECS|WORD")
      ->capture_default_str();
  command.add_flag("--no-etag", no_etag_, "Send no ETag");
  command.add_option("--charset", charset_, "Charset of text types, such as utf-8")
      ->type_name("NAME");
  add_repeatable(command, "--mime", types_, "Media type of a suffix; may come again")
      ->type_name("EXT=TYPE");
  command.add_option("--mime-file", type_file_, "File with media types, as /etc/mime.types")
      ->type_name("FILE");
  command.add_option("--content-type", default_type_, "Media type of every other suffix")
      ->type_name("TYPE")
      ->default_str("application/octet-stream");
  add_repeatable(command, "-H,--header", headers_, "Header field for files; may come again")
      ->type_name("\"K: V\"");
  add_optional_value(command, "--cors", "ORIGIN", cors_, "*",
                     "Let scripts of another site read, or of all");
  command.add_flag("--security-headers", security_headers_,
                   "Send the header fields that keep browsers careful");
  command.add_option("--csp", policy_, "Content-Security-Policy of everything but listings")
      ->type_name("POLICY");
}

void SendOptions::apply(FileHandlerOptions& options) const {
  SimpleHTTPOptions& files = options.files;
  files.precompressed = precompressed_;
  files.compress = codings(compress_);
  files.cache_control = cache_control(cache_);
  options.entity_tags = !no_etag_;
  if (charset_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
                                 ".:") != charset_.npos) {
    throw CLI::ValidationError("--charset",
                               "must be a name such as utf-8, not " + in_quotes(charset_));
  }
  files.charset = charset_;
  if (!type_file_.empty()) read_types(type_file_, files.extensions_map);
  for (const std::string& text : types_) {
    auto [suffix, type] = parse_pair("--mime", text, '=');
    require_type("--mime", type);
    files.extensions_map[as_suffix(suffix)] = std::move(type);
  }
  if (!default_type_.empty()) {
    require_type("--content-type", default_type_);
    files.default_content_type = default_type_;
  }
  apply_headers(options);
}

void SendOptions::apply_headers(FileHandlerOptions& options) const {
  for (const std::string& text : headers_) {
    options.files.extra_response_headers.push_back(parse_header(text));
  }
  if (!cors_.empty()) {
    const bool is_origin = cors_ == "*" || cors_ == "null" ||
                           (cors_.find("://") != cors_.npos &&
                            cors_.find_first_of(" ,\r\n") == cors_.npos && !cors_.ends_with('/'));
    if (!is_origin) {
      throw CLI::ValidationError(
          "--cors", "must be an origin such as https://example.org, not " + in_quotes(cors_));
    }
    options.cors_origin = cors_;
  }
  if (security_headers_) {
    options.headers = {
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "SAMEORIGIN"},
        {"Referrer-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", cors_.empty() ? "same-origin" : "cross-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    };
  }
  if (!policy_.empty()) {
    try {
      http::Headers().add("Content-Security-Policy", policy_);
    } catch (const std::invalid_argument&) {
      throw CLI::ValidationError("--csp", "not the value of a header field");
    }
    options.headers.emplace_back("Content-Security-Policy", policy_);
  }
}

}  // namespace socketserver::tool
