// The input is an entity tag, or a list of them.

#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/etag.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;
using How = http::TagComparison;

namespace {

void check_tag(std::string_view text, const http::EntityTag& tag) {
  const std::string spelt = (tag.weak ? "W/\"" : "\"") + std::string(tag.opaque) + '"';
  require(spelt == text, "a tag is all of its text");
  require(http::matches(tag, tag, How::weak), "a tag is like itself");
  require(http::matches(tag, tag, How::strong) == !tag.weak, "and the same unless it is weak");
  require(http::list_names_tag(text, tag, How::weak), "a tag is a list of one");
  require(http::list_names_tag("\"-\", " + spelt, tag, How::weak), "or of more");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto tag = http::parse_entity_tag(text)) check_tag(text, *tag);

  const http::EntityTag current{.opaque = "a"};
  const bool strong = http::list_names_tag(text, current, How::strong);
  require(!strong || http::list_names_tag(text, current, How::weak), "strong matches are weak too");
  const bool possible = text.find("\"a\"") != text.npos || text.find('*') != text.npos;
  require(possible || !http::list_names_tag(text, current, How::weak), "named means written");
  return 0;
}
