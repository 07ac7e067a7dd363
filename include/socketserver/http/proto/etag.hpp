#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace socketserver::http {

/// An entity tag (RFC 9110 §8.8.3): `"xyzzy"`, or `W/"xyzzy"` for a weak one.
struct EntityTag {
  std::string_view opaque;  ///< Between the quotes; a view into what was parsed.
  bool weak = false;        ///< Written `W/`: equal in meaning, not in every byte.
};

/// How entity tags are compared (RFC 9110 §8.8.3.2).
enum class TagComparison {
  strong,  ///< Equal, and neither is weak: the same bytes.
  weak,    ///< Equal: the same for the reader. Weakness does not matter.
};

[[nodiscard]] bool matches(const EntityTag& a, const EntityTag& b, TagComparison how) noexcept;

/// Reads one entity tag that is all of `text`; nothing when it is none.
[[nodiscard]] std::optional<EntityTag> parse_entity_tag(std::string_view text) noexcept;

/// Tells whether the value of `If-Match` or `If-None-Match` names `tag`: a comma-separated list of
/// entity tags, or `*`, which names any. Tags may hold commas. The list ends at the first member
/// that is no entity tag.
[[nodiscard]] bool list_names_tag(std::string_view list, const EntityTag& tag,
                                  TagComparison how) noexcept;

/// Returns the weak tag of what a content coding makes of the representation whose strong tag is
/// `tag`, quotes included: `W/"xyzzy-gzip"`. Encoders of other versions make other bytes.
[[nodiscard]] std::string weak_tag_of_coding(std::string_view tag, std::string_view coding);

}  // namespace socketserver::http
