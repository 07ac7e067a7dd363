#include "file_handler.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <socketserver/http/proto/access_log.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/server/base_server.hpp>

namespace socketserver::tool {
namespace {

/// What a listing says itself.
bool is_of_listings(std::string_view name) {
  return http::iequals(name, "Content-Security-Policy") ||
         http::iequals(name, "X-Content-Type-Options");
}

std::string_view or_empty(std::optional<std::string_view> field) {
  return field.value_or(std::string_view());
}

bool may_pass(AccessRules::Verdict verdict) {
  return verdict == AccessRules::Verdict::open || verdict == AccessRules::Verdict::granted;
}

bool is_below(const std::vector<std::string>& words, const std::vector<std::string>& directory) {
  return words.size() > directory.size() &&
         std::equal(directory.begin(), directory.end(), words.begin());
}

FileStoreOptions store_of(const FileHandlerOptions& options) {
  FileStoreOptions store = options.store;
  store.files = options.files;
  return store;
}

}  // namespace

FileHandler::Shared::Shared(Options given) : options(std::move(given)), files(store_of(options)) {
  http::Headers checked;
  for (const auto& [name, value] : options.headers) checked.add(name, value);
  checked.add("Access-Control-Allow-Origin", options.cors_origin);
  checked.add("WWW-Authenticate", options.realm);
}

void FileHandler::handle_one_request() {
  admitted_.reset();
  user_.clear();
  listing_ = false;
  is_health_ = false;
  FileStoreHTTPRequestHandler::handle_one_request();
}

bool FileHandler::handle_expect_100() {
  return admit() && FileStoreHTTPRequestHandler::handle_expect_100();
}

bool FileHandler::dispatch(std::string_view command) {
  return !admit() || FileStoreHTTPRequestHandler::dispatch(command);
}

/// False: the request has been answered.
bool FileHandler::admit() {
  if (!admitted_) {
    const AccessRules* const access = shared_.options.access;
    if (access != nullptr && !access->admits(client_address())) {
      send_error(403);
      admitted_ = false;
    } else {
      admitted_ = !answer_health() && !answer_preflight() && admit_to_place();
    }
  }
  return *admitted_;
}

/// Whether the client may have what is at a place, or may change it.
AccessRules::Verdict FileHandler::judge(std::span<const std::string> words, bool changes) const {
  return shared_.options.access->judge(
      words, changes, http::parse_basic_credentials(or_empty(headers().get("Authorization"))));
}

bool FileHandler::may_write() {
  const AccessRules* const access = shared_.options.access;
  if (access == nullptr || !access->has_accounts()) return true;
  const auto place = translate_path(path());
  return !place || may_pass(judge(place->words, true));
}

/// Whether the request is for all that is below what it names.
bool FileHandler::reaches_below() const {
  if (command() == "DELETE") return true;
  const std::string_view query = http::split_target(path()).query;
  return !options().archives.empty() && query.find("archive=") != query.npos;
}

std::string FileHandler::location_of(std::span<const std::string> words) const {
  const std::string& route = shared_.options.route;
  return (route.empty() ? "" : '/' + route) + FileStoreHTTPRequestHandler::location_of(words);
}

bool FileHandler::admit_to_place() {
  const AccessRules* const access = shared_.options.access;
  if (access == nullptr || !access->has_accounts()) return true;
  // What names no place names nothing to protect, and is answered as what it is.
  const auto place = translate_path(path());
  if (!place) return true;
  auto verdict = judge(place->words, changes_something());
  if (may_pass(verdict) && reaches_below()) {
    for (const auto& below : access->protected_places()) {
      if (!is_below(below, place->words)) continue;
      const auto other = judge(below, changes_something());
      if (!may_pass(other)) verdict = other;
    }
  }
  if (verdict == AccessRules::Verdict::granted || verdict == AccessRules::Verdict::forbidden) {
    user_ = http::parse_basic_credentials(or_empty(headers().get("Authorization")))->user;
  }
  switch (verdict) {
    case AccessRules::Verdict::open:
    case AccessRules::Verdict::granted:
      return true;
    case AccessRules::Verdict::unproven:
      send_unauthorized();
      return false;
    case AccessRules::Verdict::forbidden:
      send_error(403);
      return false;
  }
  return false;
}

void FileHandler::send_unauthorized() {
  http::Headers challenge;
  std::string realm;
  for (const char c : shared_.options.realm) {
    if (c == '"' || c == '\\') realm += '\\';
    realm += c;
  }
  challenge.add("WWW-Authenticate", "Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
  send_error(401, std::nullopt, std::nullopt, challenge);
}

bool FileHandler::answer_health() {
  const std::string& health = shared_.options.health;
  if (health.empty() || http::split_target(path()).path != health) return false;
  if (command() != "GET" && command() != "HEAD") return false;
  constexpr std::string_view kText = "ok\n";
  is_health_ = true;
  send_response(200);
  send_header("Content-Type", "text/plain; charset=utf-8");
  send_header("Cache-Control", "no-store");
  send_header("Content-Length", std::to_string(kText.size()));
  end_headers();
  if (command() == "GET") wfile().write(kText);
  return true;
}

/// Browsers send no credentials with the question whether they may send some.
bool FileHandler::answer_preflight() {
  if (shared_.options.cors_origin.empty() || command() != "OPTIONS") return false;
  send_response(204);
  send_header("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  send_header("Access-Control-Allow-Headers", "*, Authorization");
  send_header("Access-Control-Max-Age", "600");
  end_headers();
  return true;
}

bool FileHandler::changes_something() const {
  constexpr std::array<std::string_view, 4> kSafe = {"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::ranges::find(kSafe, command()) == kSafe.end();
}

std::optional<http::TargetPath> FileHandler::translate_path(std::string_view target) const {
  auto place = FileStoreHTTPRequestHandler::translate_path(target);
  if (!place) return std::nullopt;
  const std::string& route = shared_.options.route;
  const std::string& only_file = shared_.options.only_file;
  if (!route.empty()) {
    if (place->words.empty() || place->words.front() != route) return std::nullopt;
    place->words.erase(place->words.begin());
  }
  if (only_file.empty()) return place;
  if (place->words.empty()) return http::TargetPath{.words = {only_file}};
  if (place->words != std::vector{only_file}) return std::nullopt;
  return place;
}

void FileHandler::list_directory(http::OpenedPath directory, const std::string& title) {
  listing_ = true;
  FileStoreHTTPRequestHandler::list_directory(std::move(directory), title);
}

void FileHandler::send_response_only(int code, std::optional<std::string_view> message) {
  FileStoreHTTPRequestHandler::send_response_only(code, message);
  status_ = code;
}

void FileHandler::send_header(std::string_view name, std::string_view value) {
  if (!shared_.options.entity_tags && http::iequals(name, "ETag")) return;
  FileStoreHTTPRequestHandler::send_header(name, value);
}

void FileHandler::end_headers() {
  if (status_ >= 200) {
    for (const auto& [name, value] : shared_.options.headers) {
      if (!listing_ || status_ >= 300 || !is_of_listings(name)) send_header(name, value);
    }
    if (const std::string& origin = shared_.options.cors_origin; !origin.empty()) {
      send_header("Access-Control-Allow-Origin", origin);
      send_header("Access-Control-Expose-Headers",
                  "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag");
    }
  }
  FileStoreHTTPRequestHandler::end_headers();
}

void FileHandler::send_error(int code, std::optional<std::string_view> message,
                             std::optional<std::string_view> explain, const http::Headers& extra) {
  refusing_ = true;
  FileStoreHTTPRequestHandler::send_error(code, message, explain, extra);
  refusing_ = false;
}

bool FileHandler::logs_answers() const {
  return shared_.options.log != nullptr && shared_.options.log->format() != LogFormat::python;
}

void FileHandler::log_request(std::optional<int> code, std::optional<std::uint64_t> size) {
  if (!logs_answers() && !is_health_) FileStoreHTTPRequestHandler::log_request(code, size);
}

void FileHandler::log_error(std::string_view message) {
  if (!logs_answers()) return FileStoreHTTPRequestHandler::log_error(message);
  // The line of the answer tells what was refused.
  const std::string line = address_string() + ": " + std::string(message);
  server().log(refusing_ ? LogLevel::debug : LogLevel::warning, http::escape_log(line));
}

void FileHandler::log_answer(const http::AnswerSummary& answer) {
  if (!logs_answers()) return;
  const std::string client = address_string();
  const http::AccessEntry entry{.client = client,
                                .user = user_,
                                .time = std::time(nullptr),
                                .requestline = requestline(),
                                .referer = or_empty(headers().get("Referer")),
                                .user_agent = or_empty(headers().get("User-Agent")),
                                .host = or_empty(headers().get("Host")),
                                .status = answer.status,
                                .body_bytes = answer.body_bytes,
                                .duration = answer.duration()};
  const LogLevel level = is_health_ ? LogLevel::debug : LogLevel::info;
  Log& log = *shared_.options.log;
  switch (log.format()) {
    case LogFormat::python:
      return;
    case LogFormat::common:
      return log.access(level, http::format_common_log(entry));
    case LogFormat::combined:
      return log.access(level, http::format_combined_log(entry));
    case LogFormat::json:
      return log.access(level, http::format_json_log(entry));
  }
}

}  // namespace socketserver::tool
