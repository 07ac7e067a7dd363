#include "xmlrpc/doc_markup.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <socketserver/http/proto/text.hpp>

namespace socketserver::xmlrpc {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Of a word; every byte of a character beyond ASCII counts.
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string link(std::string_view address, std::string_view text) {
  return "<a href=\"" + http::escape_html(address, true) + "\">" + http::escape_html(text) + "</a>";
}

/// How long the address is that `text` begins with; 0: none. It ends with a letter, digit or slash.
std::size_t address_size(std::string_view text) {
  constexpr std::array<std::string_view, 3> kSchemes = {"http://", "https://", "ftp://"};
  for (const std::string_view scheme : kSchemes) {
    if (!text.starts_with(scheme)) continue;
    std::size_t size = scheme.size();
    while (size < text.size() && !is_space(text[size])) ++size;
    while (size > scheme.size() && !is_word(text[size - 1]) && text[size - 1] != '/') --size;
    return size > scheme.size() ? size : 0;
  }
  return 0;
}

struct Numbered {
  std::size_t size;
  std::string_view digits;
};

/// What `text` begins with if that is like "RFC 1952", "RFC-1952" or "RFC1952".
std::optional<Numbered> numbered(std::string_view text, std::string_view series) {
  constexpr std::size_t kMostDigits = 6;
  if (!text.starts_with(series)) return std::nullopt;
  std::size_t begin = series.size();
  if (begin < text.size() && (text[begin] == ' ' || text[begin] == '-')) ++begin;
  std::size_t end = begin;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end == begin || end - begin > kMostDigits) return std::nullopt;
  if (end < text.size() && is_word(text[end])) return std::nullopt;
  return Numbered{end, text.substr(begin, end - begin)};
}

std::string pep_address(std::string_view digits) {
  const std::string zeros(digits.size() < 4 ? 4 - digits.size() : 0, '0');
  return "https://peps.python.org/pep-" + zeros + std::string(digits) + "/";
}

std::size_t name_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (is_word(text[size]) || text[size] == '.')) ++size;
  while (size > 0 && text[size - 1] == '.') --size;
  return size;
}

/// Marks up the word, or the like, that `text` begins with, and takes it off.
std::string take_word(std::string_view& text, std::span<const std::string> methods) {
  const auto take = [&text](std::size_t size) {
    const std::string_view front = text.substr(0, size);
    text.remove_prefix(size);
    return front;
  };
  if (const std::size_t size = address_size(text)) {
    const std::string_view address = take(size);
    return link(address, address);
  }
  if (const auto rfc = numbered(text, "RFC")) {
    return link("https://www.rfc-editor.org/rfc/rfc" + std::string(rfc->digits), take(rfc->size));
  }
  if (const auto pep = numbered(text, "PEP")) {
    return link(pep_address(pep->digits), take(pep->size));
  }
  std::string_view name = take(std::max<std::size_t>(name_size(text), 1));
  const std::string_view whole = name;
  constexpr std::string_view kSelf = "self.";
  const bool of_self = name.starts_with(kSelf) && name.size() > kSelf.size();
  if (of_self) name.remove_prefix(kSelf.size());
  if (text.starts_with('(') && std::ranges::binary_search(methods, name)) {
    return (of_self ? "self." : "") + link("#-" + std::string(name), name);
  }
  if (!of_self) return http::escape_html(whole);
  return "self.<strong>" + http::escape_html(name) + "</strong>";
}

}  // namespace

std::string mark_up(std::string_view text, std::span<const std::string> methods) {
  std::string html;
  while (!text.empty()) {
    if (is_word(text.front())) {
      html += take_word(text, methods);
    } else {
      html += http::escape_html(text.substr(0, 1), true);
      text.remove_prefix(1);
    }
  }
  return html;
}

}  // namespace socketserver::xmlrpc
