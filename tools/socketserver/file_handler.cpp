#include "file_handler.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

#include <socketserver/base/scope_exit.hpp>
#include <socketserver/http/proto/access_log.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/readiness.hpp>

#include "printable.hpp"

namespace socketserver::tool {
namespace {

std::string_view or_empty(std::optional<std::string_view> field) {
  return field.value_or(std::string_view());
}

template <class Files>
typename Files::Options options_for(const FileHandlerOptions& all);

template <>
FileStoreOptions options_for<FileStoreHTTPRequestHandler>(const FileHandlerOptions& all) {
  FileStoreOptions options = all.store;
  options.files = all.files;
  return options;
}

template <>
CGIHTTPOptions options_for<CGIHTTPRequestHandler>(const FileHandlerOptions& all) {
  CGIHTTPOptions options = all.cgi;
  options.files = all.files;
  return options;
}

/// What one who looks after the server is told.
struct Probe {
  int status;
  std::string_view text;
};

Probe probe_of(Readiness readiness) {
  switch (readiness) {
    case Readiness::ready:
      return {200, "ready\n"};
    case Readiness::overloaded:
      return {503, "overloaded\n"};
    case Readiness::stopping:
      return {503, "stopping\n"};
  }
  return {503, ""};
}

/// Those of the options, and those that let scripts of another site read.
std::vector<std::pair<std::string, std::string>> all_headers(const FileHandlerOptions& options) {
  auto headers = options.headers;
  if (options.cors_origin.empty()) return headers;
  headers.emplace_back("Access-Control-Allow-Origin", options.cors_origin);
  headers.emplace_back("Access-Control-Expose-Headers",
                       "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag");
  return headers;
}

}  // namespace

template <class Files>
FileHandler<Files>::Shared::Shared(Options given)
    : options(std::move(given)), files(options_for<Files>(options)) {
  options.headers = all_headers(options);
  http::Headers checked;
  for (const auto& [name, value] : options.headers) checked.add(name, value);
  checked.add("WWW-Authenticate", options.realm);
}

template <class Files>
void FileHandler<Files>::handle_one_request() {
  admitted_.reset();
  user_.clear();
  is_probe_ = false;
  if (progress() == nullptr) return Files::handle_one_request();
  const ScopeExit end([this]() noexcept { counted_.reset(); });
  Files::handle_one_request();
}

template <class Files>
Writer& FileHandler<Files>::wfile() {
  Writer& plain = Files::wfile();
  if (progress() == nullptr) return plain;
  if (!counted_) counted_.emplace(*progress(), shown_name(), announced_);
  return counted_->writer(plain);
}

template <class Files>
std::string FileHandler<Files>::shown_name() const {
  const auto place = translate_path(this->path());
  if (!place || place->words.empty()) return "/";
  const std::string& name = place->words.back();
  return http::is_utf8(name) ? printable(name) : http::escape_log(name);
}

template <class Files>
bool FileHandler<Files>::handle_expect_100() {
  return admit() && Files::handle_expect_100();
}

template <class Files>
bool FileHandler<Files>::dispatch(std::string_view command) {
  return !admit() || Files::dispatch(command);
}

template <class Files>
bool FileHandler<Files>::admit() {
  // A script may send its client on to another path, unseen.
  if (!admitted_ || admitted_path_ != this->path()) {
    const bool is_first = !admitted_;
    admitted_path_ = this->path();
    const AccessRules* const access = shared_.options.access;
    if (access != nullptr && !access->admits(this->client_address())) {
      send_error(403);
      admitted_ = false;
    } else {
      admitted_ = !answer_probe() && !(is_first && refuse_excess()) && !answer_preflight() &&
                  admit_to_place();
    }
  }
  return *admitted_;
}

template <class Files>
AccessRules::Verdict FileHandler<Files>::judge(std::span<const std::string> words,
                                               bool changes) const {
  return shared_.options.access->judge(
      words, changes,
      http::parse_basic_credentials(or_empty(this->headers().get("Authorization"))));
}

template <class Files>
bool FileHandler<Files>::has_accounts() const {
  const AccessRules* const access = shared_.options.access;
  return access != nullptr && access->has_accounts();
}

template <class Files>
std::string FileHandler<Files>::prefix() const {
  const std::string& route = shared_.options.route;
  return route.empty() ? "" : '/' + route;
}

template <class Files>
bool FileHandler<Files>::admit_to(std::span<const std::string> words) {
  return !has_accounts() || enforce(judge(words, changes_something()));
}

/// Whether the request is for all that is below what it names.
template <class Files>
bool FileHandler<Files>::reaches_below() const {
  if (this->command() == "DELETE") return true;
  const std::string_view query = http::split_target(this->path()).query;
  return !this->options().archives.empty() && query.find("archive=") != query.npos;
}

template <class Files>
bool FileHandler<Files>::admit_to_place() {
  if (!has_accounts()) return true;
  // What names no place names nothing to protect, and is answered as what it is.
  const auto place = translate_path(this->path());
  if (!place) return true;
  auto verdict = judge(place->words, changes_something());
  if (may_pass(verdict) && reaches_below()) {
    for (const auto& below : shared_.options.access->protected_places()) {
      if (!http::covers(place->words, below)) continue;
      const auto other = judge(below, changes_something());
      if (!may_pass(other)) verdict = other;
    }
  }
  return enforce(verdict);
}

/// Whether a request is to be served on which this is the verdict; false: it has been answered.
template <class Files>
bool FileHandler<Files>::enforce(AccessRules::Verdict verdict) {
  if (verdict == AccessRules::Verdict::granted || verdict == AccessRules::Verdict::forbidden) {
    user_ = http::parse_basic_credentials(or_empty(this->headers().get("Authorization")))->user;
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

template <class Files>
void FileHandler<Files>::send_unauthorized() {
  http::Headers challenge;
  std::string realm;
  for (const char c : shared_.options.realm) {
    if (c == '"' || c == '\\') realm += '\\';
    realm += c;
  }
  challenge.add("WWW-Authenticate", "Basic realm=\"" + realm + "\", charset=\"UTF-8\"");
  send_error(401, std::nullopt, std::nullopt, challenge);
}

/// Answers those who look after the server, and need not say who they are.
template <class Files>
bool FileHandler<Files>::answer_probe() {
  const std::string_view path = http::split_target(this->path()).path;
  const bool is_health = !shared_.options.health.empty() && path == shared_.options.health;
  const bool is_ready = !shared_.options.ready.empty() && path == shared_.options.ready;
  if (!is_health && !is_ready) return false;
  if (this->command() != "GET" && this->command() != "HEAD") return false;
  const Probe probe = is_health ? Probe{200, "ok\n"} : probe_of(readiness(this->server()));
  is_probe_ = true;
  this->send_response(probe.status);
  send_header("Content-Type", "text/plain; charset=utf-8");
  send_header("Cache-Control", "no-store");
  send_header("Content-Length", std::to_string(probe.text.size()));
  end_headers();
  if (this->command() == "GET") this->wfile().write(probe.text);
  return true;
}

/// Refuses who asks too often (RFC 6585 §4).
template <class Files>
bool FileHandler<Files>::refuse_excess() {
  RateLimit* const rate = shared_.options.rate;
  if (rate == nullptr) return false;
  const Duration wait = rate->count(this->client_address(), Deadline::Clock::now());
  if (wait <= Duration::zero()) return false;
  http::Headers later;
  later.add("Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()));
  send_error(429, std::nullopt, std::nullopt, later);
  return true;
}

/// Browsers send no credentials with the question whether they may send some.
template <class Files>
bool FileHandler<Files>::answer_preflight() {
  if (shared_.options.cors_origin.empty() || this->command() != "OPTIONS") return false;
  this->send_response(204);
  send_header("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  send_header("Access-Control-Allow-Headers", "*, Authorization");
  send_header("Access-Control-Max-Age", "600");
  end_headers();
  return true;
}

template <class Files>
bool FileHandler<Files>::changes_something() const {
  constexpr std::array<std::string_view, 4> kSafe = {"GET", "HEAD", "OPTIONS", "TRACE"};
  return std::ranges::find(kSafe, this->command()) == kSafe.end();
}

template <class Files>
std::optional<http::TargetPath> FileHandler<Files>::translate_path(std::string_view target) const {
  auto place = Files::translate_path(target);
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

template <class Files>
void FileHandler<Files>::send_response_only(int code, std::optional<std::string_view> message) {
  Files::send_response_only(code, message);
  status_ = code;
  announced_.reset();
  said_.assign(shared_.options.headers.size(), false);
}

template <class Files>
void FileHandler<Files>::send_header(std::string_view name, std::string_view value) {
  if (!shared_.options.entity_tags && http::iequals(name, "ETag")) return;
  Files::send_header(name, value);
  if (progress() != nullptr && http::iequals(name, "Content-Length")) announced_ = as_size(value);
  const auto& fields = shared_.options.headers;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (http::iequals(fields[i].first, name)) said_[i] = true;
  }
}

/// Listings have a policy of their own, and scripts may have.
template <class Files>
void FileHandler<Files>::end_headers() {
  const auto& fields = shared_.options.headers;
  for (std::size_t i = 0; i < fields.size() && status_ >= 200; ++i) {
    if (!said_[i]) send_header(fields[i].first, fields[i].second);
  }
  Files::end_headers();
}

template <class Files>
void FileHandler<Files>::send_error(int code, std::optional<std::string_view> message,
                                    std::optional<std::string_view> explain,
                                    const http::Headers& extra) {
  refusing_ = true;
  Files::send_error(code, message, explain, extra);
  refusing_ = false;
}

template <class Files>
bool FileHandler<Files>::logs_answers() const {
  return shared_.options.log != nullptr && shared_.options.log->format() != LogFormat::python;
}

template <class Files>
void FileHandler<Files>::log_request(std::optional<int> code, std::optional<std::uint64_t> size) {
  if (!logs_answers() && !is_probe_) Files::log_request(code, size);
}

template <class Files>
void FileHandler<Files>::log_error(std::string_view message) {
  if (!logs_answers()) return Files::log_error(message);
  // The line of the answer tells what was refused.
  const std::string line = this->address_string() + ": " + std::string(message);
  this->server().log(refusing_ ? LogLevel::debug : LogLevel::warning, http::escape_log(line));
}

template <class Files>
void FileHandler<Files>::log_answer(const http::AnswerSummary& answer) {
  if (!logs_answers()) return;
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now);
  const std::string client = this->address_string();
  const http::AccessEntry entry{.client = client,
                                .user = user_,
                                .time = second.count(),
                                .requestline = this->requestline(),
                                .referer = or_empty(this->headers().get("Referer")),
                                .user_agent = or_empty(this->headers().get("User-Agent")),
                                .host = or_empty(this->headers().get("Host")),
                                .status = answer.status,
                                .body_bytes = answer.body_bytes,
                                .duration = answer.duration()};
  const LogLevel level = is_probe_ ? LogLevel::debug : LogLevel::info;
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
    case LogFormat::pattern:
      return log.access(
          level,
          log.pattern().line({.entry = entry,
                              .headers = this->headers(),
                              .port = this->client_address().port(),
                              .millisecond = static_cast<std::uint32_t>((now - second).count())}));
  }
}

template class FileHandler<FileStoreHTTPRequestHandler>;
template class FileHandler<CGIHTTPRequestHandler>;

}  // namespace socketserver::tool
