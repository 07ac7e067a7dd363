#include "exchange.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace socketserver::testing {
namespace {

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t size = std::min(text.find(separator), text.size());
    parts.push_back(trimmed(text.substr(0, size)));
    if (size == text.size()) return parts;
    text.remove_prefix(size + 1);
  }
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::size_t number(std::string_view text, int base = 10) {
  std::size_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (ec != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error("no number: " + std::string(text));
  }
  return value;
}

/// Takes one escape off the front of `text`, which begins behind the backslash.
char take_escape(std::string_view& text) {
  static const std::map<char, char> kBytes = {
      {'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}};
  const char kind = text.empty() ? '\0' : text.front();
  if (kind == 'x') {
    const auto byte = static_cast<char>(number(text.substr(1, 2), 16));
    text.remove_prefix(3);
    return byte;
  }
  const auto found = kBytes.find(kind);
  if (found == kBytes.end()) throw std::runtime_error("unknown escape");
  text.remove_prefix(1);
  return found->second;
}

/// Where the brace is closed that was opened before `text`.
std::size_t closing_brace(std::string_view text) {
  int open = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++open;
    if (text[i] == '}' && --open == 0) return i;
  }
  throw std::runtime_error("{ without }");
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\\') {
      bytes += take_escape(text);
    } else if (c == '{') {
      const std::size_t end = closing_brace(text);
      const std::size_t star = text.rfind('*', end);
      const std::string repeated = unescaped(text.substr(0, star));
      const std::size_t times = number(text.substr(star + 1, end - star - 1));
      for (std::size_t i = 0; i < times; ++i) bytes += repeated;
      text.remove_prefix(end + 1);
    } else {
      bytes += c;
    }
  }
  return bytes;
}

void set_limit(Limits& limits, const std::string& setting) {
  const auto equals = setting.find('=');
  const std::string name = setting.substr(0, equals);
  const std::size_t value = number(std::string_view(setting).substr(equals + 1));
  if (name == "request_line_bytes") {
    limits.request_line_bytes = value;
  } else if (name == "header_bytes") {
    limits.header_bytes = value;
  } else if (name == "header_count") {
    limits.header_count = value;
  } else if (name == "body_bytes") {
    limits.body_bytes = value;
  } else if (name == "keep_alive_requests") {
    limits.keep_alive_requests = value;
  } else if (name == "lingering_bytes") {
    limits.lingering_bytes = value;
  } else {
    throw std::runtime_error("unknown limit: " + name);
  }
}

void set_outcome(Exchange& exchange, const std::string& outcome) {
  std::vector<std::string> parts = split(outcome, ';');
  std::vector<std::string> first = words(parts.front());
  if (first.empty()) throw std::runtime_error("no outcome");
  static const std::map<std::string, Exchange::Fate> kFates = {{"open", Exchange::Fate::open},
                                                               {"closed", Exchange::Fate::closed},
                                                               {"ended", Exchange::Fate::ended}};
  const auto fate = kFates.find(first.back());
  if (fate == kFates.end()) throw std::runtime_error("open, closed or ended: " + first.back());
  exchange.fate = fate->second;
  first.pop_back();
  exchange.statuses = std::move(first);

  const std::map<std::string, std::vector<std::string>*> checks = {{"saw", &exchange.saw},
                                                                   {"has", &exchange.has},
                                                                   {"lacks", &exchange.lacks},
                                                                   {"body", &exchange.body}};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto blank = parts[i].find(' ');
    const auto check = checks.find(parts[i].substr(0, blank));
    if (check == checks.end()) throw std::runtime_error("unknown check: " + parts[i]);
    check->second->push_back(blank == std::string::npos ? ""
                                                        : unescaped(parts[i].substr(blank + 1)));
  }
}

/// Reads lines one by one; what they say holds for the rows behind them.
class Table {
 public:
  void take(const std::string& line, const std::string& place) {
    if (line.starts_with('|')) return take_row(line, place);
    const std::string rest = line.substr(std::min(line.find(' '), line.size()));
    if (line.empty() || line.starts_with('#')) return;
    if (line.starts_with("server ")) {
      const std::vector<std::string> named = words(rest);
      settings_.files = named.at(0) == "files";
      settings_.protocol = named.size() > 1 ? named[1] : "HTTP/1.1";
    } else if (line.starts_with("limits")) {
      settings_.limits = {};
      for (const std::string& setting : words(rest)) set_limit(settings_.limits, setting);
    } else if (line.starts_with("around ")) {
      around_ = trimmed(rest);
    } else {
      throw std::runtime_error("what is this");
    }
  }

  std::vector<Exchange> exchanges;

 private:
  void take_row(const std::string& line, const std::string& place) {
    const std::vector<std::string> cells = split(line, '|');
    if (cells.size() != 5) throw std::runtime_error("a row has three cells");
    Exchange exchange = settings_;
    exchange.name = place + ' ' + cells[1];
    const auto at = around_.find('@');
    exchange.sent = unescaped(around_.substr(0, at) + cells[2] + around_.substr(at + 1));
    set_outcome(exchange, cells[3]);
    exchanges.push_back(std::move(exchange));
  }

  Exchange settings_;
  std::string around_ = "@";
};

}  // namespace

std::vector<Exchange> read_exchanges(const std::filesystem::path& table) {
  std::ifstream in(table);
  if (!in) throw std::runtime_error("cannot read " + table.string());
  Table read;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    const std::string place = table.filename().string() + ':' + std::to_string(++number);
    try {
      read.take(line, place);
    } catch (const std::exception& error) {
      throw std::runtime_error(place + ": " + error.what());
    }
  }
  return std::move(read.exchanges);
}

}  // namespace socketserver::testing
