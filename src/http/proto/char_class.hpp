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

/// Tells whether all of `text` is printable ASCII or blanks (0x20–0x7e), as nearly everything is
/// that is sent. Looks at eight bytes at a time, so that the exact rules need not see each one.
[[nodiscard]] inline bool is_plain(std::string_view text) noexcept {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  std::uint64_t unusual = 0;
  const auto look_at = [&unusual](const char* at, std::size_t size) {
    std::uint64_t bytes = kEach * ' ';
    std::memcpy(&bytes, at, size);
    // The high bit of a byte shows below 0x20 by the borrow, for 0x7f by the carry. What borrows
    // and carries do to the next byte does not matter then.
    unusual |= bytes | (bytes - kEach * ' ') | (bytes + kEach);
  };
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= sizeof kEach; at += sizeof kEach, left -= sizeof kEach) look_at(at, sizeof kEach);
  if (left > 0) {
    if (text.size() >= sizeof kEach) {
      look_at(at + left - sizeof kEach, sizeof kEach);  // some of it for the second time
    } else {
      look_at(at, left);
    }
  }
  return (unusual & kEach * 0x80) == 0;
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
