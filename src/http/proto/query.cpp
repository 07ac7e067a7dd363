#include <algorithm>
#include <socketserver/http/proto/query.hpp>
#include <socketserver/http/proto/text.hpp>

namespace socketserver::http {
namespace {

/// Text that needs no decoding is most of it.
std::string decode(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '+', ' ');
  return plain.find('%') == std::string::npos ? plain : percent_decode(plain);
}

}  // namespace

std::optional<std::string_view> Parameters::get(std::string_view name) const& noexcept {
  const auto found = std::ranges::find(fields_, name, &Field::first);
  return found == fields_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::vector<std::string_view> Parameters::get_all(std::string_view name) const& {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : fields_) {
    if (field == name) values.emplace_back(value);
  }
  return values;
}

std::optional<Parameters> parse_query(std::string_view text, QueryLimits limits) {
  if (text.size() > limits.bytes) return std::nullopt;
  Parameters fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (field.empty()) continue;
    if (fields.size() == limits.count) return std::nullopt;
    const std::size_t equals = std::min(field.find('='), field.size());
    fields.add(decode(field.substr(0, equals)),
               decode(field.substr(std::min(equals + 1, field.size()))));
  }
  return fields;
}

}  // namespace socketserver::http
