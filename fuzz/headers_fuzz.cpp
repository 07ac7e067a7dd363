// The input is a list of lines: "+line" adds a received line, "=name" sets and "-name" removes the
// fields of that name, any other first byte adds one. A plain list of pairs must come to the same.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <socketserver/http/proto/headers.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

using Model = std::vector<std::pair<std::string, std::string>>;

void erase(Model& model, std::string_view name) {
  std::erase_if(model, [name](const auto& field) { return http::iequals(field.first, name); });
}

/// Parses a line; what was stored of it must be in the line.
void add_line(std::string_view line, http::Headers& headers, Model& model) {
  const std::size_t before = headers.size();
  const bool added = headers.add_line(line) == http::FieldError::none;
  require(headers.size() == before + (added ? 1 : 0), "a refused line adds nothing");
  if (!added) return;
  const auto last = std::next(headers.begin(), static_cast<std::ptrdiff_t>(before));
  const auto [name, value] = *last;
  require(line.starts_with(name) && line.substr(name.size()).starts_with(':'), "name, then colon");
  require(line.find(value) != std::string_view::npos, "a value is a piece of its line");
  require(value.find_first_of("\r\n") == std::string_view::npos, "values are one line");
  model.emplace_back(name, value);
}

void apply(char order, std::string_view name, http::Headers& headers, Model& model) {
  if (order == '+') return add_line(name, headers, model);
  if (order == '-') {
    headers.remove(name);
    return erase(model, name);
  }
  try {
    order == '=' ? headers.set(name, name) : headers.add(name, name);
    require(http::is_token(name), "only tokens become names");
    if (order == '=') erase(model, name);
    model.emplace_back(name, name);
  } catch (const std::invalid_argument&) {
    require(!http::is_token(name), "every token may be a name");
  }
}

void compare(const http::Headers& headers, const Model& model) {
  std::string text;
  for (const auto& [name, value] : model) text.append(name + ": " + value + "\r\n");
  require(headers.text() == text, "the text is all lines");
  require(headers.size() == model.size(), "the size is the number of lines");
  auto expected = model.begin();
  for (const auto [name, value] : headers) {
    require(name == expected->first && value == expected->second, "fields keep their order");
    ++expected;
    const auto first = std::find_if(model.begin(), model.end(), [&](const auto& field) {
      return http::iequals(field.first, name);
    });
    require(headers.get(name) == first->second, "the first of a name is found");
    require(headers.get_all(name).front() == first->second, "and is the first of all");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  http::Headers headers;
  Model model;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (!line.empty()) apply(line.front(), line.substr(1), headers, model);
  }
  compare(headers, model);
  return 0;
}
