#pragma once

#include <string>
#include <vector>

namespace socketserver::http {

/// What the page that lists a directory offers besides looking at it.
struct ListingControls {
  bool upload = false;                     ///< A form for files; drag and drop where scripts run.
  bool resumable = false;                  ///< Uploads that break off are gone on with.
  bool make_directories = false;           ///< A button, where scripts run.
  bool remove = false;                     ///< A button for each name, where scripts run.
  std::vector<std::string> archives = {};  ///< Names of formats: a button each.

  /// Whether any of these changes the directory: the page then has a script of its own.
  bool changes() const noexcept { return upload || make_directories || remove; }
};

}  // namespace socketserver::http
