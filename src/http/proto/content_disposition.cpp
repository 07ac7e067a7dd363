#include <algorithm>
#include <socketserver/http/proto/content_disposition.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr ByteSet kPlain{[](char c) {
  return is_alpha(c) || is_digit(c) ||
         std::string_view(" ._-()+,=@").find(c) != std::string_view::npos;
}};

/// As RFC 8187 §3.2.1 has it, which leaves fewer characters as they are than URLs do.
std::string encode_extended(std::string_view name) {
  std::string text = percent_encode_path(name);
  for (std::size_t at = 0; (at = text.find('/', at)) != text.npos;) text.replace(at, 1, "%2F");
  return text;
}

}  // namespace

std::string attachment(std::string_view name) {
  std::string plain(name);
  std::ranges::replace_if(
      plain, [](char c) { return !kPlain.contains(c); }, '_');
  std::string field = "attachment; filename=\"" + plain + '"';
  if (plain != name && is_utf8(name)) field += "; filename*=UTF-8''" + encode_extended(name);
  return field;
}

}  // namespace socketserver::http
