#pragma once

#include <string_view>

#include "http/directory_listing.hpp"

namespace socketserver::http {

/// A page to look at: sorted by its column heads, without anything from elsewhere, and without
/// scripts unless the visitor may change the directory.
class HtmlListing final : public ListingWriter {
 public:
  void begin(std::string& out, const ListingHead& head) override;
  void add(std::string& out, const DirectoryEntry& entry) override;
  void end(std::string& out) override;

 private:
  std::string_view script_;
};

}  // namespace socketserver::http
