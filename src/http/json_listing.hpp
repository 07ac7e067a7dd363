#pragma once

#include "http/directory_listing.hpp"

namespace socketserver::http {

/// The same for programs: `{"path": "/", "sorted": true, "entries": [{"name": …, "href": …,
/// "type": "directory", "file" or "other", "link": false, "size": 5, "modified": "…Z"}]}`.
///
/// `href` is what to ask for, whatever bytes the name has. A link has the type of what it leads to;
/// only files that are no links have a size.
class JsonListing final : public ListingWriter {
 public:
  void begin(std::string& out, const ListingHead& head) override;
  void add(std::string& out, const DirectoryEntry& entry) override;
  void end(std::string& out) override;

 private:
  bool first_ = true;
};

}  // namespace socketserver::http
