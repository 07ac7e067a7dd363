#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/media_type.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

struct Entry {
  std::string_view suffix;
  std::string_view type;
};

constexpr auto kTypes = std::to_array<Entry>({
    {".3gp", "video/3gpp"},
    {".7z", "application/x-7z-compressed"},
    {".Z", "application/octet-stream"},
    {".aac", "audio/aac"},
    {".apng", "image/apng"},
    {".asc", "text/plain"},
    {".avi", "video/x-msvideo"},
    {".avif", "image/avif"},
    {".bin", "application/octet-stream"},
    {".bmp", "image/bmp"},
    {".bz2", "application/x-bzip2"},
    {".c", "text/plain"},
    {".cc", "text/plain"},
    {".conf", "text/plain"},
    {".cpp", "text/plain"},
    {".css", "text/css"},
    {".csv", "text/csv"},
    {".deb", "application/vnd.debian.binary-package"},
    {".doc", "application/msword"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".eot", "application/vnd.ms-fontobject"},
    {".eps", "application/postscript"},
    {".epub", "application/epub+zip"},
    {".flac", "audio/flac"},
    {".gif", "image/gif"},
    {".gz", "application/gzip"},
    {".h", "text/plain"},
    {".heic", "image/heic"},
    {".heif", "image/heif"},
    {".hpp", "text/plain"},
    {".htm", "text/html"},
    {".html", "text/html"},
    {".ico", "image/vnd.microsoft.icon"},
    {".ics", "text/calendar"},
    {".iso", "application/octet-stream"},
    {".jar", "application/java-archive"},
    {".jpe", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript"},
    {".json", "application/json"},
    {".jsonld", "application/ld+json"},
    {".jxl", "image/jxl"},
    {".log", "text/plain"},
    {".m3u8", "application/vnd.apple.mpegurl"},
    {".m4a", "audio/mp4"},
    {".m4v", "video/mp4"},
    {".map", "application/json"},
    {".md", "text/markdown"},
    {".mid", "audio/midi"},
    {".mjs", "text/javascript"},
    {".mkv", "video/x-matroska"},
    {".mov", "video/quicktime"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".mpeg", "video/mpeg"},
    {".mpg", "video/mpeg"},
    {".odp", "application/vnd.oasis.opendocument.presentation"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".oga", "audio/ogg"},
    {".ogg", "audio/ogg"},
    {".ogv", "video/ogg"},
    {".opus", "audio/opus"},
    {".otf", "font/otf"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".ppt", "application/vnd.ms-powerpoint"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".ps", "application/postscript"},
    {".py", "text/x-python"},
    {".rdf", "application/xml"},
    {".rss", "application/rss+xml"},
    {".rtf", "application/rtf"},
    {".sh", "application/x-sh"},
    {".svg", "image/svg+xml"},
    {".svgz", "image/svg+xml"},
    {".tar", "application/x-tar"},
    {".taz", "application/x-tar"},
    {".tbz2", "application/x-tar"},
    {".tgz", "application/x-tar"},
    {".tif", "image/tiff"},
    {".tiff", "image/tiff"},
    {".tsv", "text/tab-separated-values"},
    {".ttf", "font/ttf"},
    {".txt", "text/plain"},
    {".txz", "application/x-tar"},
    {".vcf", "text/vcard"},
    {".vtt", "text/vtt"},
    {".wasm", "application/wasm"},
    {".wav", "audio/wav"},
    {".weba", "audio/webm"},
    {".webm", "video/webm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".xhtml", "application/xhtml+xml"},
    {".xls", "application/vnd.ms-excel"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".xml", "text/xml"},
    {".xsl", "application/xml"},
    {".xz", "application/x-xz"},
    {".yaml", "application/yaml"},
    {".yml", "application/yaml"},
    {".zip", "application/zip"},
    {".zst", "application/zstd"},
});

/// The first bytes of a suffix as a number: sorted alike, and compared at once.
constexpr std::uint64_t key_of(std::string_view suffix) {
  constexpr std::size_t kSize = sizeof(std::uint64_t);
  std::uint64_t key = 0;
  for (const char c : suffix.substr(0, kSize)) key = key << 8 | to_byte(c);
  for (std::size_t i = suffix.size(); i < kSize; ++i) key <<= 8;
  return key;
}

constexpr auto kKeys = [] {
  std::array<std::uint64_t, kTypes.size()> keys{};
  std::ranges::transform(kTypes, keys.begin(), key_of, &Entry::suffix);
  return keys;
}();

static_assert(std::ranges::adjacent_find(kKeys, std::greater_equal()) == kKeys.end(),
              "sorted, and no two begin alike");

/// Returns the type of `suffix` spelt just so, or nothing.
std::string_view find_type(std::string_view suffix) {
  const auto* const key = std::ranges::lower_bound(kKeys, key_of(suffix));
  if (key == kKeys.end()) return {};
  const Entry& entry = kTypes[static_cast<std::size_t>(key - kKeys.begin())];
  return entry.suffix == suffix ? entry.type : std::string_view();
}

/// Returns the suffix of a name with its dot, or nothing; dots in front of the name begin none.
std::string_view last_suffix(std::string_view name) {
  name.remove_prefix(std::min(name.rfind('/') + 1, name.size()));  // npos + 1 is 0
  name.remove_prefix(std::min(name.find_first_not_of('.'), name.size()));
  return name.substr(std::min(name.rfind('.'), name.size()));
}

bool is_upper(char c) {
  return to_lower(c) != c;
}

constexpr std::string_view kText = "text/";

/// What else is text, or data that was never compressed.
constexpr auto kCompressible = std::to_array<std::string_view>({
    "application/javascript",
    "application/json",
    "application/wasm",
    "application/x-sh",
    "application/xml",
    "font/otf",
    "font/ttf",
    "image/bmp",
    "image/vnd.microsoft.icon",
    "image/x-icon",
});

}  // namespace

std::string_view guess_type(std::string_view name, const MediaTypes& overrides,
                            std::string_view fallback) {
  const std::string_view suffix = last_suffix(name);
  if (const auto found = overrides.find(suffix); found != overrides.end()) return found->second;
  if (std::ranges::none_of(suffix, is_upper)) {
    const std::string_view type = find_type(suffix);
    return type.empty() ? fallback : type;
  }
  std::string lower(suffix);
  std::ranges::transform(lower, lower.begin(), to_lower);
  if (const auto found = overrides.find(lower); found != overrides.end()) return found->second;
  for (const std::string_view spelling : {suffix, std::string_view(lower)}) {
    if (const auto type = find_type(spelling); !type.empty()) return type;
  }
  return fallback;
}

bool is_compressible(std::string_view media_type) noexcept {
  const std::string_view type = trim_blanks(media_type.substr(0, media_type.find(';')));
  const auto is = [type](std::string_view other) { return iequals(type, other); };
  const auto ends = [type](std::string_view suffix) {
    return type.size() > suffix.size() && iequals(type.substr(type.size() - suffix.size()), suffix);
  };
  return iequals(type.substr(0, kText.size()), kText) || ends("+json") || ends("+xml") ||
         std::ranges::any_of(kCompressible, is);
}

}  // namespace socketserver::http
