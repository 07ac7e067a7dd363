#include <socketserver/http/proto/etag.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

/// RFC 9110 §8.8.3 etagc.
constexpr ByteSet kTagChars{
    [](char c) { return to_byte(c) > 0x20 && to_byte(c) != 0x7f && c != '"'; }};

/// Takes an entity tag off the front of `text`; on failure `text` is as it was.
std::optional<EntityTag> take_tag(std::string_view& text) noexcept {
  std::string_view rest = text;
  EntityTag tag;
  tag.weak = rest.starts_with("W/");
  if (tag.weak) rest.remove_prefix(2);
  if (!rest.starts_with('"')) return std::nullopt;
  rest.remove_prefix(1);
  const std::size_t quote = rest.find('"');
  if (quote == std::string_view::npos) return std::nullopt;
  tag.opaque = rest.substr(0, quote);
  if (!kTagChars.contains_all(tag.opaque)) return std::nullopt;
  text = rest.substr(quote + 1);
  return tag;
}

}  // namespace

bool matches(const EntityTag& a, const EntityTag& b, TagComparison how) noexcept {
  if (how == TagComparison::strong && (a.weak || b.weak)) return false;
  return a.opaque == b.opaque;
}

std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept {
  const auto tag = take_tag(text);
  return text.empty() ? tag : std::nullopt;
}

bool list_names_tag(std::string_view list, const EntityTag& tag, TagComparison how) noexcept {
  if (trim_blanks(list) == "*") return true;
  for (;;) {
    skip_blanks(list);
    if (list.starts_with(',')) {
      list.remove_prefix(1);
      continue;
    }
    const auto member = take_tag(list);
    if (!member) return false;
    skip_blanks(list);
    if (!list.empty() && !list.starts_with(',')) return false;
    if (matches(*member, tag, how)) return true;
  }
}

std::string weak_tag_of_coding(std::string_view tag, std::string_view coding) {
  std::string weak("W/");
  weak.append(tag.substr(0, tag.size() - 1)).append("-").append(coding).append("\"");
  return weak;
}

}  // namespace socketserver::http
