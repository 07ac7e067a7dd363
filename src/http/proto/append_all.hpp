#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace socketserver::http {

/// A text that is to be appended. Knows the length of a literal without counting.
struct Piece {
  std::string_view text;

  constexpr Piece(std::string_view view) noexcept : text(view) {}
  template <class Allocator>
  constexpr Piece(const std::basic_string<char, std::char_traits<char>, Allocator>& string) noexcept
      : text(string) {}
  template <std::size_t N>
  constexpr Piece(const char (&literal)[N]) noexcept : text(literal, N - 1) {}
};

/// Copies `piece` to `at`, where there is room; returns where it ends.
inline char* put(char* at, Piece piece) {
  return at + piece.text.copy(at, piece.text.size());
}

/// Appends the pieces to `text`, a string or a TextBuffer, which grows once. No piece may be a view
/// of it.
template <class String, class... Pieces>
void append_all(String& text, const Pieces&... pieces) {
  const std::size_t before = text.size();
  text.resize(before + (Piece(pieces).text.size() + ...));
  char* at = text.data() + before;
  ((at = put(at, pieces)), ...);
}

}  // namespace socketserver::http
