#include "http/directory_listing.hpp"

#include <algorithm>
#include <utility>

#include <socketserver/http/simple_handler.hpp>

#include "http/html_listing.hpp"
#include "http/json_listing.hpp"
#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

/// Whether an `Accept` list names a media type, and not to refuse it.
bool accepts(const Headers& headers, std::string_view type) {
  for (std::string_view list : headers.get_all("Accept")) {
    while (!list.empty()) {
      const std::string_view member = next_list_member(list);
      const std::size_t semicolon = member.find(';');
      if (!iequals(trim_blanks(member.substr(0, semicolon)), type)) continue;
      const std::string_view parameters =
          semicolon == member.npos ? "" : trim_blanks(member.substr(semicolon + 1));
      const bool refused =
          parameters.starts_with("q=0") && parameters.find_first_of("123456789") == member.npos;
      if (!refused) return true;
    }
  }
  return false;
}

ListingFormat read_format(std::string_view query, const Headers& headers) {
  const std::string_view named = query_value(query, "format");
  if (named == "json") return ListingFormat::json;
  if (named == "html") return ListingFormat::html;
  const bool json = accepts(headers, "application/json") && !accepts(headers, "text/html");
  return json ? ListingFormat::json : ListingFormat::html;
}

std::unique_ptr<ListingWriter> make_writer(ListingFormat format) {
  if (format == ListingFormat::json) return std::make_unique<JsonListing>();
  return std::make_unique<HtmlListing>();
}

}  // namespace

std::string_view query_value(std::string_view query, std::string_view name) {
  std::string_view value;
  while (!query.empty()) {
    const std::size_t size = std::min(query.find('&'), query.size());
    const std::string_view member = query.substr(0, size);
    query.remove_prefix(std::min(size + 1, query.size()));
    if (member.starts_with(name) && member.substr(name.size()).starts_with('=')) {
      value = member.substr(name.size() + 1);
    }
  }
  return value;
}

ListingRequest read_listing_request(std::string_view query, const Headers& headers,
                                    ListingOrder usual) {
  ListingRequest request{.format = read_format(query, headers), .order = usual};
  const std::string_view sort = query_value(query, "sort");
  const std::string_view order = query_value(query, "order");
  if (!sort.empty() || !order.empty()) request.order = {};
  if (sort == "size") request.order.key = ListingOrder::Key::size;
  if (sort == "time") request.order.key = ListingOrder::Key::time;
  if (order == "desc") request.order.descending = true;
  return request;
}

DirectoryListing::DirectoryListing(UniqueFd directory, const SimpleHTTPOptions& options,
                                   std::size_t limit, const ListingRequest& request,
                                   std::string_view title)
    : reader_(std::move(directory), options.show_hidden, options.hidden_names),
      writer_(make_writer(request.format)) {
  entries_ = reader_.take(limit);
  if (entries_.size() == limit) beyond_ = reader_.next();
  const bool sorted = !beyond_;
  if (sorted) sort_entries(entries_, request.order);
  writer_->begin(begin_, {.title = title,
                          .order = request.order,
                          .sorted = sorted,
                          .controls = request.controls,
                          .name = options.listing_name});
}

bool DirectoryListing::render(std::string& out, std::size_t size) {
  out += std::exchange(begin_, {});
  while (out.size() < size) {
    const auto entry = next();
    if (!entry) {
      writer_->end(out);
      return false;
    }
    writer_->add(out, *entry);
  }
  return true;
}

std::optional<DirectoryEntry> DirectoryListing::next() {
  if (rendered_ < entries_.size()) return std::move(entries_[rendered_++]);
  // Once the reader has come to its end it must not be asked again.
  auto entry = std::exchange(beyond_, std::nullopt);
  if (entry) beyond_ = reader_.next();
  return entry;
}

std::string_view content_type(ListingFormat format) {
  return format == ListingFormat::json ? "application/json" : "text/html; charset=utf-8";
}

}  // namespace socketserver::http
