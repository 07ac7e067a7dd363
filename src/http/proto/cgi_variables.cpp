#include <algorithm>
#include <array>
#include <socketserver/http/proto/cgi_variables.hpp>
#include <socketserver/http/proto/target.hpp>
#include <socketserver/http/proto/text.hpp>
#include <utility>
#include <vector>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

using Variables = std::map<std::string, std::string>;

/// Header fields that are no HTTP_ variables: they have others, or are of the connection, or must
/// never reach a script.
constexpr std::array<std::string_view, 13> kWithheld = {
    "Authorization", "Connection", "Content-Length",      "Content-Type",     "Expect",
    "Keep-Alive",    "Proxy",      "Proxy-Authorization", "Proxy-Connection", "TE",
    "Trailer",       "Upgrade",    "Transfer-Encoding"};

/// What old shells run when they read their environment.
bool is_shell_function(std::string_view value) {
  return value.starts_with("() {");
}

/// "HTTP_USER_AGENT" of "User-Agent"; empty for a name that another one could be mistaken for.
std::string variable_name(std::string_view field) {
  std::string name = "HTTP_";
  for (const char c : field) {
    if (c == '-') {
      name += '_';
    } else if (is_alpha(c)) {
      name += static_cast<char>(to_lower(c) - 'a' + 'A');
    } else if (is_digit(c)) {
      name += c;
    } else {
      return {};
    }
  }
  return name;
}

std::string_view separator_of(std::string_view field) {
  if (iequals(field, "Cookie")) return "; ";
  return iequals(field, "Accept") ? "," : ", ";
}

void add_header_fields(const Headers& headers, Variables& variables) {
  for (const auto [name, value] : headers) {
    const auto is_same = [&](std::string_view withheld) { return iequals(withheld, name); };
    if (std::ranges::any_of(kWithheld, is_same) || is_shell_function(value)) continue;
    std::string variable = variable_name(name);
    if (variable.empty()) continue;
    const auto [entry, fresh] = variables.try_emplace(std::move(variable), value);
    if (!fresh) entry->second.append(separator_of(name)).append(value);
  }
}

/// RFC 4648 §4; nothing for text that is not exactly that.
std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string decoded;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffffU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    decoded += static_cast<char>(static_cast<unsigned char>(bits >> count & 0xffU));
  }
  return decoded;
}

/// The words of "Basic dXNlcjpwYXNz"; nothing unless there are two.
std::optional<std::pair<std::string_view, std::string_view>> two_words(std::string_view text) {
  const auto is_space = [](char c) { return is_blank(c); };
  const auto gap = std::ranges::find_if(text, is_space);
  const auto first_size = static_cast<std::size_t>(gap - text.begin());
  const std::string_view second = trim_blanks(text.substr(first_size));
  if (first_size == 0 || second.empty() || std::ranges::any_of(second, is_space)) {
    return std::nullopt;
  }
  return std::pair(text.substr(0, first_size), second);
}

void add_user(std::string_view authorization, Variables& variables) {
  const auto words = two_words(authorization);
  if (!words || is_shell_function(words->first)) return;
  variables["AUTH_TYPE"] = words->first;
  if (!iequals(words->first, "Basic")) return;
  const auto credentials = decode_base64(words->second);
  if (!credentials) return;
  // The name ends at the first colon, the password may have more (RFC 7617 §2).
  const std::size_t colon = credentials->find(':');
  if (colon == std::string::npos) return;
  const std::string user = credentials->substr(0, colon);
  if (kFieldChars.contains_all(user) && !is_shell_function(user)) variables["REMOTE_USER"] = user;
}

}  // namespace

std::map<std::string, std::string> cgi_variables(const CGIRequest& request) {
  const std::string_view type = request.headers["Content-Type"];
  Variables variables = {
      {"CONTENT_LENGTH", std::string(request.content_length)},
      {"CONTENT_TYPE", std::string(type.empty() || is_shell_function(type) ? "text/plain" : type)},
      {"DOCUMENT_ROOT", request.document_root},
      {"GATEWAY_INTERFACE", "CGI/1.1"},
      {"PATH_INFO", request.path_info},
      {"QUERY_STRING", std::string(split_target(request.target).query)},
      // What php-cgi must see before it believes that a server has called it.
      {"REDIRECT_STATUS", "200"},
      {"REMOTE_ADDR", request.remote_address},
      {"REMOTE_HOST", ""},
      {"REMOTE_PORT", std::to_string(request.remote_port)},
      {"REQUEST_METHOD", std::string(request.method)},
      {"REQUEST_URI", std::string(request.target)},
      {"SCRIPT_FILENAME", request.script_filename},
      {"SCRIPT_NAME", request.script_name},
      {"SERVER_NAME", request.server_name},
      {"SERVER_PORT", std::to_string(request.server_port)},
      {"SERVER_PROTOCOL", std::string(request.protocol)},
      {"SERVER_SOFTWARE", request.server_software},
  };
  if (!request.path_info.empty()) {
    variables["PATH_TRANSLATED"] = request.document_root + request.path_info;
  }
  add_header_fields(request.headers, variables);
  for (const char* name : {"HTTP_ACCEPT", "HTTP_COOKIE", "HTTP_REFERER", "HTTP_USER_AGENT"}) {
    variables.try_emplace(name);
  }
  const std::string_view authorization = request.headers["Authorization"];
  if (request.names_user) add_user(authorization, variables);
  if (request.passes_authorization && !authorization.empty() && !is_shell_function(authorization)) {
    variables["HTTP_AUTHORIZATION"] = authorization;
  }
  return variables;
}

std::optional<std::string> cgi_argument(std::string_view query) {
  if (query.find('=') != std::string_view::npos) return std::nullopt;
  std::string argument(query);
  std::ranges::replace(argument, '+', ' ');
  for (std::size_t at = 0; at < argument.size(); ++at) {
    const bool begins = at == 0 || is_blank(argument[at - 1]);
    if (begins && argument[at] == '-') return std::nullopt;
  }
  return argument;
}

std::optional<std::string> collapse_url_path(std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string path = percent_decode(target.substr(0, question));
  std::vector<std::string_view> words;
  std::string_view tail;
  for (std::string_view rest = path;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view word = rest.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (word == "..") {
      if (words.empty()) return std::nullopt;
      words.pop_back();
    } else if (!word.empty() && word != ".") {
      last ? static_cast<void>(tail = word) : words.push_back(word);
    }
    if (last) break;
    rest.remove_prefix(slash + 1);
  }
  std::string collapsed = "/";
  for (const std::string_view word : words) {
    if (collapsed.size() > 1) collapsed += '/';
    collapsed += word;
  }
  collapsed.append("/").append(tail);
  if (question + 1 < target.size()) collapsed.append(target.substr(question));
  return collapsed;
}

}  // namespace socketserver::http
