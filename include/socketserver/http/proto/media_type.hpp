#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace socketserver::http {

/// Suffix (with its dot) to media type; Python's `extensions_map`.
using MediaTypes = std::map<std::string, std::string, std::less<>>;

inline constexpr std::string_view kDefaultMediaType = "application/octet-stream";

/// Returns the media type of a file by its name's last suffix: "notes.txt" gives "text/plain".
/// A dot in front of a name (".hidden") begins no suffix.
///
/// `overrides` come before the built-in table; in both, the suffix is looked up as it is, then in
/// lower case. A compressed file is what it is, not what it contains: "a.tar.gz" gives
/// "application/gzip". What is not found is `fallback`.
///
/// The result is a view into the built-in table, `overrides` or `fallback`, and lives as long.
/// Differs from Python: the host's /etc/mime.types is never read, so types are the same everywhere.
[[nodiscard]] std::string_view guess_type(std::string_view name, const MediaTypes& overrides = {},
                                          std::string_view fallback = kDefaultMediaType);

/// Tells whether content of this media type, parameters allowed, shrinks when it is compressed:
/// texts, also those that are called `application/json`, `image/svg+xml` and the like.
[[nodiscard]] bool is_compressible(std::string_view media_type) noexcept;

}  // namespace socketserver::http
