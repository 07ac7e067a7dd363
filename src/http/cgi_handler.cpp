#include <socketserver/http/cgi_handler.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/cgi_variables.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/server/base_server.hpp>

#include "http/body_spool.hpp"
#include "http/cgi_answer.hpp"
#include "http/cgi_conversation.hpp"
#include "http/cgi_process.hpp"
#include "http/fastcgi_conversation.hpp"
#include "http/shortage.hpp"

namespace socketserver {
namespace {

using http::is_shortage;
using http::OpenedPath;

// A script that redirects to itself must come to an end.
constexpr int kMostRedirects = 10;

constexpr std::uint16_t kHTTPPort = 80;

/// A place among the scripts that run at once, for a scope, if there is one.
class Turn {
 public:
  Turn(std::atomic<std::size_t>& running, std::size_t most) noexcept
      : running_(running), granted_(running.fetch_add(1) < most || most == 0) {}
  ~Turn() { running_.fetch_sub(1); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  explicit operator bool() const noexcept { return granted_; }

 private:
  std::atomic<std::size_t>& running_;
  bool granted_;
};

/// Whether a method is none that scripts have, and may be one that an application has: CONNECT and
/// TRACE are of the connection.
bool is_only_of_applications(std::string_view method) {
  constexpr std::array<std::string_view, 5> kOthers = {"GET", "HEAD", "POST", "CONNECT", "TRACE"};
  return std::ranges::find(kOthers, method) == kOthers.end();
}

/// The first `count` words as a path; "" for none.
std::string path_of(std::span<const std::string> words) {
  std::string path;
  for (const std::string& word : words) path.append("/").append(word);
  return path;
}

/// Whether a target's path has words that mean another place, however they are spelt.
bool has_dot_words(std::string_view target) {
  const std::string path = http::percent_decode(http::split_target(target).path) + '/';
  return path.find("/./") != path.npos || path.find("/../") != path.npos;
}

/// The host of a `Host` field, without its port.
std::string_view host_of(std::string_view field) {
  const std::size_t bracket = field.find(']');
  const std::size_t colon = field.find(':', bracket == field.npos ? 0 : bracket);
  return field.substr(0, colon);
}

}  // namespace

/// The body of the request, as far as a script is to get it.
struct CGIHTTPRequestHandler::Body {
  http::BodySpool spool;
  std::uint64_t left = 0;  // to come yet
  std::uint64_t size() const { return spool.size() + left; }
};

std::string_view CGIHTTPRequestHandler::path() const {
  return redirected_ ? std::string_view(*redirected_) : SimpleHTTPRequestHandler::path();
}

/// Where a script has redirected to was about the request before, and `path()` is asked early.
void CGIHTTPRequestHandler::handle_one_request() {
  redirected_.reset();
  redirects_ = 0;
  SimpleHTTPRequestHandler::handle_one_request();
}

bool CGIHTTPRequestHandler::dispatch(std::string_view command) {
  const bool may_be_application =
      !shared_.cgi.fastcgi_applications.empty() && is_only_of_applications(command);
  if (!may_be_application || !is_cgi()) return SimpleHTTPRequestHandler::dispatch(command);
  run_cgi();
  return true;
}

void CGIHTTPRequestHandler::do_POST() {
  if (is_cgi()) return run_cgi();
  send_method_not_allowed("Can only POST to CGI scripts");
}

void CGIHTTPRequestHandler::send_no_method_of_scripts() {
  is_cgi() ? send_unsupported_by_scripts() : send_method_not_allowed();
}

void CGIHTTPRequestHandler::send_unsupported_by_scripts() {
  send_error(501, "Unsupported method (" + http::repr(command()) + ")");
}

std::optional<OpenedPath> CGIHTTPRequestHandler::send_head() {
  if (!is_cgi()) return SimpleHTTPRequestHandler::send_head();
  run_cgi();
  return std::nullopt;
}

bool CGIHTTPRequestHandler::is_cgi() {
  auto place = translate_path(path());
  if (!place) return false;
  script_ = {};
  const auto directory = shared_.directory_of(*place);
  const auto* const applied = shared_.applied_to(*place);
  if (applied != nullptr && applied->words.size() >= directory.value_or(0)) {
    script_.words = applied->words.size();
    script_.application = &applied->application;
    script_.by_path = true;
  } else if (directory) {
    script_.directory = *directory;
  } else if (const auto words = words_by_extension(*place)) {
    script_.words = *words;
  } else if (add_index_script(*place)) {
    script_.words = place->words.size();
  } else {
    return false;
  }
  script_.place = std::move(*place);
  return true;
}

/// The first name on the way whose suffix makes it a script and that is not known to be a
/// directory: whatever keeps it from being opened now, its text is not to be sent.
std::optional<std::size_t> CGIHTTPRequestHandler::words_by_extension(
    const http::TargetPath& place) const {
  for (std::size_t n = 1; n <= place.words.size(); ++n) {
    if (!shared_.is_script_name(place.words[n - 1])) continue;
    const OpenedPath found = root().open(std::span(place.words).first(n));
    if (found.kind != OpenedPath::Kind::directory) return n;
  }
  return std::nullopt;
}

/// Adds the index page to the place of a directory; false unless that page is a script, or one that
/// cannot be opened now.
bool CGIHTTPRequestHandler::add_index_script(http::TargetPath& place) const {
  const bool by_suffix =
      !shared_.cgi.cgi_extensions.empty() || !shared_.cgi.fastcgi_applications.empty();
  if (!place.trailing_slash || !by_suffix) return false;
  for (const std::string& name : options().index_pages) {
    auto words = place.words;
    words.push_back(name);
    if (is_hidden({.words = words})) continue;
    const OpenedPath found = root().open(words);
    const bool missing = !found.ec || found.ec == std::errc::no_such_file_or_directory ||
                         found.ec == std::errc::not_a_directory;
    if (found.kind != OpenedPath::Kind::file && missing) continue;
    if (!shared_.is_script_name(name)) return false;
    place = {.words = std::move(words), .trailing_slash = false};
    return true;
  }
  return false;
}

bool CGIHTTPRequestHandler::may_send(const http::TargetPath& place) const {
  return !shared_.is_script(place) && SimpleHTTPRequestHandler::may_send(place);
}

void CGIHTTPRequestHandler::run_cgi() {
  const int before = redirects_;
  answer_by_script();
  if (redirects_ == before) return;
  if (redirects_ > kMostRedirects) return send_error(500, "Too many local redirects");
  // RFC 3875 §6.2.2: as if the client had asked for it, but after what the script has done.
  request().leave_turn();
  if (const auto file = send_head()) copyfile(*file);
}

void CGIHTTPRequestHandler::send_script_error(int code, std::string_view message) {
  send_error(code, std::string(message) + " (" + http::repr(script_path()) + ")");
}

void CGIHTTPRequestHandler::answer_by_script() {
  if (!http::collapse_url_path(path())) return send_error(400, "Path leaves the server's root");
  if (script_.by_path) {
    // It gets the target as sent, too, and may take another way from there than the rules did.
    if (has_dot_words(path())) return send_error(400, "Path with dot segments");
    return converse(nullptr);
  }
  if (!locate_script()) return;
  if (script_.application == nullptr && is_only_of_applications(method())) {
    return send_unsupported_by_scripts();
  }
  const auto words = std::span(script_.place.words).first(script_.words);
  if (is_hidden({.words = {words.begin(), words.end()}})) {
    return send_script_error(404, "No such CGI script");
  }
  const OpenedPath directory = root().open(words.first(words.size() - 1));
  if (directory.kind == OpenedPath::Kind::directory) return converse(&directory);
  is_shortage(directory.ec) ? send_error(503) : send_script_error(404, "No such CGI script");
}

/// Finds which word of the path is the script, and whether that may be run; if not, answers.
bool CGIHTTPRequestHandler::locate_script() {
  const auto& words = script_.place.words;
  OpenedPath found;
  found.kind = OpenedPath::Kind::directory;
  if (script_.words > 0) {
    found = root().open(std::span(words).first(script_.words));
  } else {
    script_.words = script_.directory;
    while (found.kind == OpenedPath::Kind::directory && script_.words < words.size()) {
      found = root().open(std::span(words).first(++script_.words));
    }
  }
  switch (found.kind) {
    case OpenedPath::Kind::absent:
      if (is_shortage(found.ec)) {
        send_error(503);
      } else if (found.ec == std::errc::permission_denied) {
        send_script_error(403, "CGI script is not readable");
      } else {
        send_script_error(404, "No such CGI script");
      }
      return false;
    case OpenedPath::Kind::directory:
    case OpenedPath::Kind::other:
      send_script_error(403, "CGI script is not a plain file");
      return false;
    case OpenedPath::Kind::file:
      break;
  }
  const std::string& name = words[script_.words - 1];
  script_.application = shared_.application_of(name);
  if (shared_.is_script_name(name) || is_executable(found)) return true;
  send_script_error(403, "CGI script is not executable");
  return false;
}

bool CGIHTTPRequestHandler::is_executable(const OpenedPath& script) const {
  struct stat status {};
  constexpr mode_t kAnybody = 0111;
  return ::fstat(script.fd.get(), &status) == 0 && (status.st_mode & kAnybody) != 0;
}

/// Has the script run in its directory, or asks the application, and takes what comes of it.
void CGIHTTPRequestHandler::converse(const OpenedPath* directory) {
  Body body = take_body();
  const Turn turn(*shared_.running, server().options().limits.cgi_processes);
  if (!turn) {
    http::Headers soon;
    soon.add("Retry-After", "1");
    return send_error(503, "Too many scripts at once", std::nullopt, soon);
  }
  script_.application != nullptr ? ask_application(body) : run_program(body, *directory);
}

void CGIHTTPRequestHandler::run_program(Body& body, const OpenedPath& directory) {
  http::CGIProgram program;
  program.path = shared_.root_path + script_path();
  program.arguments = {program.path};
  if (const auto* const interpreter =
          shared_.interpreter_of(script_.place.words[script_.words - 1])) {
    program.arguments.insert(program.arguments.begin(), *interpreter);
    program.path = *interpreter;
  }
  if (auto argument = http::cgi_argument(http::split_target(path()).query)) {
    program.arguments.push_back(std::move(*argument));
  }
  auto environment = variables(body);
  for (const auto& [name, value] : shared_.environment) environment[name] = value;
  for (const auto& [name, value] : environment) program.environment.push_back(name + '=' + value);
  program.directory = directory.fd.get();
  program.user = shared_.user.get();

  std::optional<http::CGIProcess> script;
  std::optional<http::CGIConversation> conversation;
  try {
    script.emplace(program, body.size() > 0);
    conversation.emplace(*this, *script, body.spool, body.left, patience());
  } catch (const OSError& error) {
    log_error(error.what());
    return send_error(is_shortage(error.code()) ? 503 : 500);
  }
  const http::CGIEnd end = conversation->run();
  take_end(end, conversation->answer());
}

void CGIHTTPRequestHandler::ask_application(Body& body) {
  auto told = variables(body);
  for (const auto& [name, value] : shared_.cgi.environment) told[name] = value;
  std::optional<http::FastCGIConversation> conversation;
  try {
    conversation.emplace(*this, *script_.application, told, body.spool, body.left, patience());
  } catch (const OSError& error) {
    log_error(error.what());
    if (error.code() == std::errc::timed_out) return send_error(504);
    const bool later = is_shortage(error.code()) || error.code() == std::errc::operation_canceled;
    return send_error(later ? 503 : 502);
  }
  const http::CGIEnd end = conversation->run();
  take_end(end, conversation->answer());
}

void CGIHTTPRequestHandler::take_end(http::CGIEnd end, const http::CGIAnswer& answer) {
  using http::CGIEnd;
  if (end == CGIEnd::answered) return;
  if (end == CGIEnd::redirected) {
    redirected_ = answer.head().local_redirect;
    ++redirects_;
    return;
  }
  if (answer.head_sent() || end == CGIEnd::client_gone) return cut_response();
  if (end == CGIEnd::timeout) return send_error(504);
  if (end == CGIEnd::stopped || end == CGIEnd::overloaded) return send_error(503);
  send_error(script_.application != nullptr ? 502 : 500);
}

/// How long the client may send nothing; absent: for ever.
std::optional<Duration> CGIHTTPRequestHandler::patience() const {
  if (timeout()) return timeout();
  const Duration progress = server().options().limits.io_progress_timeout;
  return progress == Duration::zero() ? std::nullopt : std::optional(progress);
}

/// A body in chunks is taken whole, for nobody knows its length before. Where a script has
/// redirected, the body was that script's.
CGIHTTPRequestHandler::Body CGIHTTPRequestHandler::take_body() {
  Body body;
  if (redirected_) return body;
  if (headers().contains("Transfer-Encoding")) {
    Reader& in = rfile();
    for (auto piece = in.peek(); !piece.empty(); piece = in.peek()) {
      body.spool.append(piece);
      in.consume(piece.size());
    }
  } else {
    const std::string_view length = headers()["Content-Length"];
    std::from_chars(length.data(), length.data() + length.size(), body.left);
  }
  return body;
}

/// As the script is to see it: where another one has redirected, nothing but GET and HEAD is left.
std::string_view CGIHTTPRequestHandler::method() const {
  return redirected_ && command() != "HEAD" ? "GET" : command();
}

std::map<std::string, std::string> CGIHTTPRequestHandler::variables(const Body& body) {
  const Address local = connection().getsockname();
  const bool is_network =
      local.family() == AddressFamily::inet || local.family() == AddressFamily::inet6;
  const std::string_view host = host_of(headers()["Host"]);
  const std::string content_length = body.size() > 0 ? std::to_string(body.size()) : "";
  return http::cgi_variables({
      .method = method(),
      .target = path(),
      .protocol = request_version(),
      .headers = headers(),
      .content_length = content_length,
      .script_name = script_name_of(std::span(script_.place.words).first(script_.words)),
      .path_info = path_info(),
      .script_filename = shared_.root_path + script_path(),
      .document_root = shared_.root_path,
      .server_software = version_string(),
      .server_name = host.empty() ? local.host() : std::string(host),
      .server_port = is_network ? local.port() : kHTTPPort,
      .remote_address = client_address().host(),
      .remote_port = client_address().port(),
      .names_user = names_user(),
      .passes_authorization = shared_.cgi.passes_authorization,
  });
}

std::string CGIHTTPRequestHandler::script_name_of(std::span<const std::string> words) const {
  return path_of(words);
}

/// The script's place below the root, with '/' in front.
std::string CGIHTTPRequestHandler::script_path() const {
  return path_of(std::span(script_.place.words).first(script_.words));
}

std::string CGIHTTPRequestHandler::path_info() const {
  const auto rest = std::span(script_.place.words).subspan(script_.words);
  return path_of(rest) + (script_.place.trailing_slash ? "/" : "");
}

}  // namespace socketserver
