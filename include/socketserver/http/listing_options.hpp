#pragma once

namespace socketserver::http {

/// In what form a directory is listed.
enum class ListingFormat {
  html,  ///< A page for people.
  json,  ///< The same for programs.
};

/// How a listing is sorted. Directories stand in front either way.
struct ListingOrder {
  /// What entries are sorted by.
  enum class Key { name, size, time };

  Key key = Key::name;      ///< What comes first.
  bool descending = false;  ///< From the largest to the smallest.

  bool operator==(const ListingOrder&) const noexcept = default;
};

}  // namespace socketserver::http
