#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Byte classes of the HTTP grammar. All independent of the locale and of the sign of `char`.
namespace socketserver::http {

[[nodiscard]] constexpr unsigned char to_byte(char c) noexcept {
  return static_cast<unsigned char>(c);
}

[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool is_alpha(char c) noexcept {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

/// Returns the value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// A set of bytes that is asked in one look-up.
class ByteSet {
 public:
  template <typename Predicate>
  explicit constexpr ByteSet(Predicate contains) noexcept {
    for (unsigned byte = 0; byte < 256; ++byte) {
      members_[byte] = contains(static_cast<char>(static_cast<unsigned char>(byte)));
    }
  }

  [[nodiscard]] constexpr bool contains(char c) const noexcept { return members_[to_byte(c)]; }

  [[nodiscard]] constexpr bool contains_all(std::string_view text) const noexcept {
    for (const char c : text) {
      if (!contains(c)) return false;
    }
    return true;
  }

 private:
  std::array<bool, 256> members_{};
};

/// A byte in each of the eight places of a word.
[[nodiscard]] constexpr std::uint64_t in_each(unsigned char byte) noexcept {
  return std::uint64_t{0x0101010101010101} * byte;
}

/// Tells whether `is_usual` says so of all of `text`, of which it is shown eight bytes at a time,
/// so that exact rules need not see each one. Some bytes are seen twice; where there are fewer than
/// eight, `filler` takes the other places.
///
/// Inline, for most texts are so short that the call would cost as much as the look.
template <class IsUsual>
[[gnu::always_inline]] inline bool by_eights(std::string_view text, char filler,
                                             IsUsual is_usual) noexcept {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::size_t kHalf = kWord / 2;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t word = in_each(to_byte(filler));
  if (left >= kWord) {
    for (; left > kWord; at += kWord, left -= kWord) {
      std::memcpy(&word, at, kWord);
      if (!is_usual(word)) return false;
    }
    std::memcpy(&word, at + left - kWord, kWord);
  } else if (left >= kHalf) {  // two copies of a known size need no call either
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, at, kHalf);
    std::memcpy(&last, at + left - kHalf, kHalf);
    word = std::uint64_t{first} << 32 | last;
  } else if (left > 0) {
    std::memcpy(&word, at, left);
  }
  return is_usual(word);
}

/// Tells whether all of `text` is printable ASCII or blanks (0x20–0x7e), as nearly everything is
/// that is sent.
[[nodiscard]] inline bool is_plain(std::string_view text) noexcept {
  return by_eights(text, ' ', [](std::uint64_t bytes) {
    // The high bit of a byte shows below 0x20 by the borrow, for 0x7f by the carry. What borrows
    // and carries do to the next byte does not matter then.
    const std::uint64_t unusual = bytes | (bytes - in_each(' ')) | (bytes + in_each(1));
    return (unusual & in_each(0x80)) == 0;
  });
}

/// Tells whether all of `text` is letters and hyphens, as nearly all field names are.
[[nodiscard]] inline bool is_plain_name(std::string_view text) noexcept {
  return by_eights(text, '-', [](std::uint64_t bytes) {
    // The high bit of a byte shows what the sums' names say; only bytes that have it themselves,
    // which are unusual anyway, carry into the next.
    const std::uint64_t lower = bytes | in_each('a' - 'A');
    const std::uint64_t from_a = lower + in_each(0x80 - 'a');
    const std::uint64_t behind_z = lower + in_each(0x7f - 'z');
    const std::uint64_t no_hyphen = (bytes ^ in_each('-')) + in_each(0x7f);
    const std::uint64_t unusual = bytes | ((~from_a | behind_z) & no_hyphen);
    return (unusual & in_each(0x80)) == 0;
  });
}

/// RFC 9110 §5.6.2 tchar.
inline constexpr ByteSet kTokenChars{[](char c) {
  return is_digit(c) || is_alpha(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}};

/// What a field value may hold: anything but control characters, HTAB excepted (RFC 9110 §5.5).
inline constexpr ByteSet kFieldChars{
    [](char c) { return c == '\t' || (to_byte(c) >= 0x20 && c != '\x7f'); }};

/// RFC 3986 §2.3 unreserved.
inline constexpr ByteSet kUnreserved{[](char c) {
  return is_digit(c) || is_alpha(c) || c == '-' || c == '.' || c == '_' || c == '~';
}};

/// Takes the blanks off the front of `text`.
constexpr void skip_blanks(std::string_view& text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

/// Returns `text` without the blanks around it.
[[nodiscard]] constexpr std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the next member of a comma list off the front of `list`; blanks around it are dropped.
[[nodiscard]] constexpr std::string_view next_list_member(std::string_view& list) noexcept {
  const std::size_t comma = list.find(',');
  const std::string_view member = trim_blanks(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return member;
}

}  // namespace socketserver::http
