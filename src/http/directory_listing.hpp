#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/listing_controls.hpp>
#include <socketserver/http/proto/headers.hpp>

#include "http/directory_reader.hpp"

namespace socketserver {
struct SimpleHTTPOptions;
}

namespace socketserver::http {

/// What a request wants of a listing.
struct ListingRequest {
  ListingFormat format = ListingFormat::html;
  ListingOrder order = {};
  ListingControls controls = {};  ///< Not of the request: what it may do.
};

/// The value of the last member of a query called `name`; "" when there is none. Not decoded: what
/// is looked for in the queries of directories needs no escapes.
std::string_view query_value(std::string_view query, std::string_view name);

/// Reads `sort` (name, size, time), `order` (asc, desc) and `format` (html, json) out of a query,
/// and `Accept` where the query names no format: JSON for who asks for it and not for HTML.
/// What is none of these is ignored; a query that names nothing to sort by gets `usual`.
ListingRequest read_listing_request(std::string_view query, const Headers& headers,
                                    ListingOrder usual = {});

/// What a listing says besides its entries.
struct ListingHead {
  std::string_view title;  ///< The decoded path, '/' at both ends.
  ListingOrder order = {};
  bool sorted = true;  ///< Or as the file system has them, because there are too many.
  ListingControls controls = {};
  std::string_view name = {};  ///< What the whole is called, if anything: `listing_name`.
};

/// Writes a listing piece by piece, so that the whole of it is never in memory.
class ListingWriter {
 public:
  virtual ~ListingWriter() = default;

  // Each appends to `out`.
  virtual void begin(std::string& out, const ListingHead& head) = 0;
  virtual void add(std::string& out, const DirectoryEntry& entry) = 0;
  virtual void end(std::string& out) = 0;
};

/// A directory's listing, rendered as it is asked for.
///
/// Sorting needs all names in memory. Up to `limit` names that is done; a directory of more is
/// listed as the file system has it, and only `limit` of its names are ever in memory.
class DirectoryListing {
 public:
  /// Reads the directory as far as that.
  ///
  /// @param title  the decoded path, borrowed during the call; the options for longer.
  /// @throws OSError "read directory".
  DirectoryListing(UniqueFd directory, const SimpleHTTPOptions& options, std::size_t limit,
                   const ListingRequest& request, std::string_view title);

  /// Appends to `out` until it has `size` bytes or more; false: that was all.
  ///
  /// @throws OSError "read directory".
  bool render(std::string& out, std::size_t size);

 private:
  std::optional<DirectoryEntry> next();

  DirectoryReader reader_;
  std::unique_ptr<ListingWriter> writer_;
  std::vector<DirectoryEntry> entries_;
  std::size_t rendered_ = 0;  // of `entries_`
  std::optional<DirectoryEntry> beyond_;
  std::string begin_;
};

/// The `Content-Type` of a listing.
std::string_view content_type(ListingFormat format);

/// The `Content-Security-Policy` of a listing: nothing but its own style sheet
/// and its own buttons.
extern const std::string_view kListingPolicy;

}  // namespace socketserver::http
