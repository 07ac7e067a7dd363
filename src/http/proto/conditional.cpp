#include <algorithm>
#include <socketserver/http/proto/conditional.hpp>
#include <socketserver/http/proto/date.hpp>

namespace socketserver::http {
namespace {

bool names_tag(const Headers& request, std::string_view field, const EntityTag& tag,
               TagComparison how) {
  return std::ranges::any_of(request.get_all(field),
                             [&](std::string_view list) { return list_names_tag(list, tag, how); });
}

/// Whether any field has the name of a condition: one pass where most requests would need four.
bool has_conditions(const Headers& request) {
  static constexpr std::string_view kBeginning = "If-";
  return std::ranges::any_of(request, [](Headers::Field field) {
    return field.name.size() > kBeginning.size() && field.name[2] == '-' &&
           iequals(field.name.substr(0, kBeginning.size()), kBeginning);
  });
}

std::optional<std::int64_t> date_of(const Headers& request, std::string_view field) {
  const auto text = request.get(field);
  return text ? parse_date(*text) : std::nullopt;
}

}  // namespace

Precondition evaluate_preconditions(const Headers& request, std::string_view method,
                                    const Validators& current) {
  if (!has_conditions(request)) return Precondition::pass;
  if (request.contains("If-Match")) {
    if (!names_tag(request, "If-Match", current.tag, TagComparison::strong)) {
      return Precondition::failed;
    }
  } else if (const auto date = date_of(request, "If-Unmodified-Since");
             date && current.modified_at > *date) {
    return Precondition::failed;
  }

  const bool reads = method == "GET" || method == "HEAD";
  if (request.contains("If-None-Match")) {
    if (names_tag(request, "If-None-Match", current.tag, TagComparison::weak)) {
      return reads ? Precondition::not_modified : Precondition::failed;
    }
  } else if (const auto date = date_of(request, "If-Modified-Since");
             reads && date && current.modified_at <= *date) {
    return Precondition::not_modified;
  }
  return Precondition::pass;
}

bool if_range_holds(const Headers& request, const Validators& current) {
  const auto values = request.get_all("If-Range");
  if (values.empty()) return true;
  if (values.size() > 1) return false;
  if (const auto tag = parse_entity_tag(values.front())) {
    return matches(*tag, current.tag, TagComparison::strong);
  }
  return parse_date(values.front()) == current.modified_at;
}

}  // namespace socketserver::http
