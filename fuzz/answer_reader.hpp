#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "require.hpp"

// What a client needs to find the end of an answer, and nothing of the library's: it must not make
// the library's mistakes. Of an answer that breaks off there is nothing; one that is wrong ends the
// process.

/// The next line, without its end.
inline std::optional<std::string_view> take_line(std::string_view& wire) {
  const std::size_t end = wire.find("\r\n");
  if (end == wire.npos) return std::nullopt;
  const std::string_view line = wire.substr(0, end);
  require(line.find('\n') == line.npos, "lines end in CRLF");
  wire.remove_prefix(end + 2);
  return line;
}

inline std::size_t number_of(std::string_view text, int base = 10) {
  require(!text.empty() && text.size() < 10, "numbers have digits, and few of them");
  std::size_t value = 0;
  for (const char c : text) {
    const int digit = c >= 'a' ? c - 'a' + 10 : c - '0';
    require(digit >= 0 && digit < base, "numbers have digits alone");
    value = value * static_cast<std::size_t>(base) + static_cast<std::size_t>(digit);
  }
  return value;
}

/// Takes `size` bytes; false when there are fewer.
inline bool take(std::string_view& wire, std::size_t size) {
  if (wire.size() < size) return false;
  wire.remove_prefix(size);
  return true;
}

/// Takes a chunked body; false when it breaks off.
inline bool take_chunks(std::string_view& wire) {
  for (;;) {
    const auto line = take_line(wire);
    if (!line) return false;
    const std::size_t size = number_of(*line, 16);
    if (!take(wire, size)) return false;
    if (wire.size() < 2) return false;
    require(wire.starts_with("\r\n"), "chunks end in CRLF");
    wire.remove_prefix(2);
    if (size == 0) return true;
  }
}

/// The head of an answer.
struct AnswerHead {
  std::size_t status = 0;
  bool is_http10 = false;
  bool closes = false;
  bool keeps_alive = false;
  bool chunked = false;
  std::optional<std::size_t> length;
  std::optional<std::size_t> number;
};

inline std::optional<AnswerHead> take_head(std::string_view& wire) {
  const auto status_line = take_line(wire);
  if (!status_line) return std::nullopt;
  require(status_line->starts_with("HTTP/1.") && status_line->size() >= 13, "answers have heads");
  AnswerHead head;
  head.status = number_of(status_line->substr(9, 3), 10);
  head.is_http10 = (*status_line)[7] == '0';
  for (;;) {
    const auto line = take_line(wire);
    if (!line) return std::nullopt;
    if (line->empty()) return head;
    const std::size_t colon = line->find(": ");
    require(colon != line->npos, "heads are lines of fields");
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = line->substr(colon + 2);
    if (name == "Connection") head.closes = head.closes || value == "close";
    if (name == "Connection") head.keeps_alive = head.keeps_alive || value == "keep-alive";
    if (name == "Transfer-Encoding") head.chunked = true;
    if (name == "Number") head.number = number_of(value, 10);
    if (name != "Content-Length") continue;
    require(!head.length, "there is one length");
    head.length = number_of(value, 10);
  }
}
