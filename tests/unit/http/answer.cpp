#include "answer.hpp"

#include <charconv>
#include <cstddef>
#include <stdexcept>

namespace socketserver::testing {
namespace {

/// Bytes in memory with the reading functions of a RawClient.
class WireReader {
 public:
  explicit WireReader(std::string& wire) : wire_(wire) {}

  std::string read_until(std::string_view text) {
    const auto found = wire_.find(text);
    if (found == std::string::npos) {
      throw std::runtime_error("nothing like \"" + std::string(text) + "\" in: " + wire_);
    }
    return read(found + text.size());
  }

  std::string read(std::size_t n) {
    if (wire_.size() < n) throw std::runtime_error("ends too early: " + wire_);
    std::string taken = wire_.substr(0, n);
    wire_.erase(0, n);
    return taken;
  }

  std::string read_all() { return read(wire_.size()); }

 private:
  std::string& wire_;
};

template <class T>
T number(std::string_view text, int base = 10) {
  T value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (ec != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error("no number: " + std::string(text));
  }
  return value;
}

template <class Source>
std::string read_line(Source& source) {
  std::string line = source.read_until("\r\n");
  line.resize(line.size() - 2);
  return line;
}

template <class Source>
std::string read_chunks(Source& source) {
  std::string body;
  for (;;) {
    const auto size = number<std::size_t>(read_line(source), 16);
    body += source.read(size);
    if (!read_line(source).empty()) throw std::runtime_error("a chunk without its end");
    if (size == 0) return body;
  }
}

template <class Source>
Answer read_from(Source& source, std::string_view method) {
  Answer answer;
  answer.status_line = read_line(source);
  if (answer.status_line.size() < 13 || !answer.status_line.starts_with("HTTP/1.") ||
      answer.status_line[12] != ' ') {
    throw std::runtime_error("no status line: " + answer.status_line);
  }
  answer.status = number<int>(std::string_view(answer.status_line).substr(9, 3));
  for (std::string line = read_line(source); !line.empty(); line = read_line(source)) {
    if (answer.headers.add_line(line) != http::FieldError::none) {
      throw std::runtime_error("no header line: " + line);
    }
  }
  const bool has_no_body =
      method == "HEAD" || answer.status < 200 || answer.status == 204 || answer.status == 304;
  if (has_no_body) return answer;
  if (answer.headers.has_token("Transfer-Encoding", "chunked")) {
    answer.body = read_chunks(source);
  } else if (const auto length = answer.headers.get("Content-Length")) {
    answer.body = source.read(number<std::size_t>(*length));
  } else {
    answer.body = source.read_all();
  }
  return answer;
}

}  // namespace

Answer read_answer(RawClient& client, std::string_view method) {
  return read_from(client, method);
}

Answer take_answer(std::string& wire, std::string_view method) {
  WireReader reader(wire);
  return read_from(reader, method);
}

std::string without_dates(std::string wire) {
  constexpr std::string_view kField = "\r\nDate: ";
  for (auto at = wire.find(kField); at != std::string::npos; at = wire.find(kField, at + 1)) {
    const auto begin = at + kField.size();
    wire.replace(begin, wire.find('\r', begin) - begin, "now");
  }
  return wire;
}

}  // namespace socketserver::testing
