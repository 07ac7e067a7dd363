// The input is a request target. Nothing in it may lead out of the root or to another host.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/media_type.hpp>
#include <socketserver/http/proto/target.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

void check_words(const http::TargetPath& path) {
  for (const std::string& word : path.words) {
    require(!word.empty() && word != "." && word != "..", "no word climbs or stands still");
    require(word.find('/') == std::string::npos, "no word has a slash");
    require(word.find('\0') == std::string::npos, "no word has a NUL");
  }
  const bool hidden = std::any_of(path.words.begin(), path.words.end(),
                                  [](const std::string& word) { return word.front() == '.'; });
  require(path.has_dot_word() == hidden, "dot words are found");
  require(hidden || !path.has_dot_word(".well-known"), "an exemption hides nothing more");
}

void check_location(std::string_view location) {
  require(location.starts_with('/') && !location.starts_with("//"), "locations stay on the host");
  const bool plain = std::all_of(location.begin(), location.end(), [](char c) {
    return c > ' ' && c <= '~' && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  require(plain, "locations have only what URLs may have");
  require(http::split_target(location).path.ends_with('/'), "locations are directories");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);

  const http::TargetParts parts = http::split_target(target);
  require(parts.path.size() + parts.query.size() + parts.fragment.size() <= size,
          "parts are no longer than the whole");
  require(parts.path.find_first_of("?#") == std::string_view::npos, "paths end at ? and #");

  const std::string location = http::redirect_location(target);
  check_location(location);

  const auto path = http::resolve_target(target);
  const auto redirected = http::resolve_target(location);
  require(path.has_value() == redirected.has_value(), "a redirect refuses what was refused");
  if (path) {
    check_words(*path);
    require(path->words == redirected->words, "a redirect leads to the same place");
    require(redirected->trailing_slash, "a redirect has a trailing slash");
  }

  require(!http::guess_type(target).empty(), "every name has a type");
  return 0;
}
