#pragma once

#include "http/directory_listing.hpp"

namespace socketserver::http {

/// A page to look at: sorted by its column heads, without scripts or anything from elsewhere.
class HtmlListing final : public ListingWriter {
 public:
  void begin(std::string& out, const ListingHead& head) override;
  void add(std::string& out, const DirectoryEntry& entry) override;
  void end(std::string& out) override;
};

}  // namespace socketserver::http
