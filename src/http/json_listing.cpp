#include "http/json_listing.hpp"

#include <time.h>

#include <array>

#include <socketserver/http/proto/text.hpp>

namespace socketserver::http {
namespace {

/// RFC 3339, in quotes; null for a time that no calendar has.
std::string json_time(std::int64_t seconds) {
  const time_t time = seconds;
  tm fields{};
  if (::gmtime_r(&time, &fields) == nullptr) return "null";
  std::array<char, 40> text{};
  ::strftime(text.data(), text.size(), "\"%Y-%m-%dT%H:%M:%SZ\"", &fields);
  return text.data();
}

std::string_view type_of(const DirectoryEntry& entry) {
  if (entry.is_directory) return "directory";
  return entry.is_file ? "file" : "other";
}

}  // namespace

void JsonListing::begin(std::string& out, const ListingHead& head) {
  out += "{\"path\": \"" + escape_json(head.title) + "\", \"sorted\": ";
  out += head.sorted ? "true" : "false";
  out += ", \"entries\": [";
}

void JsonListing::add(std::string& out, const DirectoryEntry& entry) {
  out += first_ ? "\n" : ",\n";
  first_ = false;
  const std::string slash = entry.is_directory ? "/" : "";
  const std::string scheme_guard = entry.name.find(':') == entry.name.npos ? "" : "./";
  out += "{\"name\": \"" + escape_json(entry.name) + "\", \"href\": \"" + scheme_guard +
         percent_encode_path(entry.name) + slash + "\", \"type\": \"";
  out.append(type_of(entry)).append("\", \"link\": ").append(entry.is_link ? "true" : "false");
  out += ", \"size\": " + (entry.is_file && !entry.is_link ? std::to_string(entry.size) : "null");
  out += ", \"modified\": " + json_time(entry.modified_at) + "}";
}

void JsonListing::end(std::string& out) {
  out += "\n]}\n";
}

}  // namespace socketserver::http
