#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/proto/append_all.hpp"

namespace socketserver::http {

/// A line of the log that is put together from pieces, so that most need no heap.
class LogLine {
 public:
  template <class... Pieces>
  explicit LogLine(const Pieces&... pieces) {
    const std::size_t size = (Piece(pieces).text.size() + ...);
    if (size > short_.size()) {
      append_all(long_, pieces...);
      view_ = long_;
      return;
    }
    char* at = short_.data();
    ((at += Piece(pieces).text.copy(at, Piece(pieces).text.size())), ...);
    view_ = {short_.data(), size};
  }
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  std::string_view view() const noexcept { return view_; }

 private:
  std::array<char, 256> short_;
  std::string long_;
  std::string_view view_;
};

/// A number of a line of the log; `-` when there is none.
class LoggedNumber {
 public:
  template <class Number>
  explicit LoggedNumber(std::optional<Number> number) {
    if (number)
      size_ = std::to_chars(text_.data(), text_.data() + text_.size(), *number).ptr - text_.data();
  }
  std::string_view view() const noexcept { return {text_.data(), static_cast<std::size_t>(size_)}; }

 private:
  std::array<char, 24> text_{'-'};
  std::ptrdiff_t size_ = 1;
};

/// `text` with each quote as `%22`, so that none of the client's can end its field of a log early;
/// usually `text` itself.
///
/// @param memory  where the result lies if it is another.
inline std::string_view without_quotes(std::string_view text, std::string& memory) {
  if (text.find('"') == std::string_view::npos) return text;
  for (const char c : text) {
    if (c == '"') {
      memory += "%22";
    } else {
      memory += c;
    }
  }
  return memory;
}

}  // namespace socketserver::http
