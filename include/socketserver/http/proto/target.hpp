#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace socketserver::http {

/// The parts of a request target, still percent-encoded: views into the target.
struct TargetParts {
  std::string_view path;      ///< without scheme and authority; may lack the leading '/'
  std::string_view query;     ///< behind '?'; empty when there is none
  std::string_view fragment;  ///< behind '#'; empty when there is none
};

/// Splits a request target in origin form (`/a?b`) or absolute form (`http://host/a?b`), whose
/// scheme and authority are dropped (RFC 9112 §3.2). The fragment, which a client should not
/// send, is cut off first: in `/a?b#c?d` the query is `b`.
[[nodiscard]] TargetParts split_target(std::string_view target) noexcept;

/// A place below the served root, as the path of a target names it.
struct TargetPath {
  /// The path's components from the root down, decoded. None is empty, "." or "..", and none has
  /// a '/' or a NUL; any other byte may occur, a backslash too. No words: the root itself.
  std::vector<std::string> words;
  /// Whether the decoded path ends in '/', and so can only mean a directory.
  bool trailing_slash = false;

  /// Tells whether a component's name begins with '.'; with `exempt`, a first component of that
  /// name does not count: `has_dot_word(".well-known")`.
  [[nodiscard]] bool has_dot_word(std::string_view exempt = {}) const noexcept;
};

/// Maps a request target to the file that it names, as text: no file system is asked, and
/// symbolic links are the business of whoever opens the file.
///
/// The path is percent-decoded exactly once and only then split, so `%2f` separates and `%2e%2e`
/// climbs like the plain characters; `..` never climbs above the root (Python's
/// `translate_path`). Returns nothing when the decoded path has a NUL: answer 404.
[[nodiscard]] std::optional<TargetPath> resolve_target(std::string_view target);

/// Tells whether the place of `words` is that of `directory`, or below it; both are from the root
/// down.
[[nodiscard]] bool covers(std::span<const std::string> directory,
                          std::span<const std::string> words) noexcept;

/// Returns the Location that sends a client from a directory without trailing slash to the same
/// with it: `/dir?x=1` gives `/dir/?x=1`, an empty query is dropped.
///
/// The result is always a path with exactly one '/' in front, so it can never lead to another
/// host: scheme and authority are dropped, leading slashes reduced, and what is not allowed in a
/// URL is percent-encoded, the backslash included, which browsers take for a slash.
/// Differs from Python: it keeps a foreign authority, and a missing leading slash (gh-132741).
[[nodiscard]] std::string redirect_location(std::string_view target);

}  // namespace socketserver::http
