#include <algorithm>
#include <socketserver/http/proto/target.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/proto/char_class.hpp"
#include "http/proto/encoding.hpp"

namespace socketserver::http {
namespace {

/// RFC 3986 pchar, '/' and '?', and '%' because the text is encoded already.
constexpr ByteSet kUrlPlain{[](char c) {
  return kUnreserved.contains(c) ||
         std::string_view("%/?:@!$&'()*+,;=").find(c) != std::string_view::npos;
}};

/// Cuts `text` before the first `mark` and returns what is behind it.
std::string_view cut_at(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

/// Drops `scheme://authority` (RFC 3986 §3.1, §3.2) from the front.
std::string_view drop_authority(std::string_view path) {
  if (path.empty() || !is_alpha(path.front())) return path;
  const auto in_scheme = [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  const auto scheme_end = std::find_if_not(path.begin(), path.end(), in_scheme);
  std::string_view rest = path.substr(static_cast<std::size_t>(scheme_end - path.begin()));
  constexpr std::string_view kMark = "://";
  if (!rest.starts_with(kMark)) return path;
  rest.remove_prefix(kMark.size());
  return rest.substr(std::min(rest.find('/'), rest.size()));
}

}  // namespace

TargetParts split_target(std::string_view target) noexcept {
  TargetParts parts;
  parts.fragment = cut_at(target, '#');
  parts.query = cut_at(target, '?');
  parts.path = drop_authority(target);
  return parts;
}

bool TargetPath::has_dot_word(std::string_view exempt) const noexcept {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with('.') && !(i == 0 && words[i] == exempt)) return true;
  }
  return false;
}

std::optional<TargetPath> resolve_target(std::string_view target) {
  std::string_view path = split_target(target).path;
  std::string decoded;
  if (path.find('%') != std::string_view::npos) path = decoded = percent_decode(path);
  if (path.find('\0') != std::string_view::npos) return std::nullopt;

  TargetPath resolved;
  resolved.trailing_slash = path.empty() || path.ends_with('/');
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view word = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (word == "..") {
      if (!resolved.words.empty()) resolved.words.pop_back();
    } else if (!word.empty() && word != ".") {
      resolved.words.emplace_back(word);
    }
  }
  return resolved;
}

bool covers(std::span<const std::string> directory, std::span<const std::string> words) noexcept {
  return words.size() >= directory.size() &&
         std::ranges::equal(directory, words.first(directory.size()));
}

std::string redirect_location(std::string_view target) {
  TargetParts parts = split_target(target);
  parts.path.remove_prefix(std::min(parts.path.find_first_not_of('/'), parts.path.size()));

  std::string location = "/";
  append_percent_encoded(location, parts.path, kUrlPlain);
  if (!location.ends_with('/')) location.push_back('/');
  if (!parts.query.empty()) {
    location.push_back('?');
    append_percent_encoded(location, parts.query, kUrlPlain);
  }
  if (!parts.fragment.empty()) {
    location.push_back('#');
    append_percent_encoded(location, parts.fragment, kUrlPlain);
  }
  return location;
}

}  // namespace socketserver::http
