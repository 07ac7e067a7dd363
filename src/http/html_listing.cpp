#include "http/html_listing.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include <socketserver/http/proto/text.hpp>

#include "http/store_page.hpp"

namespace socketserver::http {
namespace {

constexpr std::string_view kHeadStart = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>)html";

// kListingPolicy has the hash of what stands between <style> and </style>.
constexpr std::string_view kListingStyle = R"html(</title>
<style>
:root{color-scheme:light dark;--ink:#1f2328;--soft:#656d76;--line:#d8dee4;--hover:#f3f5f8;--page:#fff;--link:#0759b8}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#8d96a0;--line:#30363d;--hover:#1b222c;--page:#0d1117;--link:#6cb0ff}}
body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
nav{font-size:1.25rem;padding:0 .75rem;margin-bottom:1rem;overflow-wrap:anywhere}
nav span{font-weight:600}
a{color:var(--link);text-decoration:none}
a:hover,a:focus-visible{text-decoration:underline}
table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .75rem;text-align:left;border-bottom:1px solid var(--line)}
th{position:sticky;top:0;background:var(--page);font-weight:600;white-space:nowrap}
th form{display:inline}
th button{all:unset;cursor:pointer}
th button:hover,th button:focus-visible{text-decoration:underline}
th[aria-sort=ascending] button::after{content:" \2191"}
th[aria-sort=descending] button::after{content:" \2193"}
td:first-child{width:100%;overflow-wrap:anywhere}
td a{display:block}
td a[href$="/"]{font-weight:600}
th:nth-child(2),td:nth-child(2){text-align:right}
td:nth-child(n+2){white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
tbody tr:hover{background:var(--hover)}
tbody:empty::after{content:"Nothing here.";display:table-cell;padding:.75rem;color:var(--soft)}
p{color:var(--soft)}
@media (max-width:36rem){th:nth-child(3),td:nth-child(3){display:none}}
</style>
)html";

constexpr std::string_view kBodyStart = R"html(</head>
<body>
<h1>)html";

constexpr std::string_view kListEnd = "</tbody>\n</table>\n";
constexpr std::string_view kEnd = "</body>\n</html>\n";

std::string readable_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, kUnits[unit]);
  return text.data();
}

std::string readable_time(std::int64_t seconds) {
  const time_t time = seconds;
  tm fields{};
  if (::gmtime_r(&time, &fields) == nullptr) return {};
  std::array<char, 32> text{};
  ::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &fields);
  return text.data();
}

/// Links to the directories above, and the name of this one: "/ a/ b/"; with a name for the root,
/// "Pictures / a/ b/". Relative, so that they hold behind a proxy that serves all this below a path
/// of its own.
void append_trail(std::string& out, std::string_view title, std::string_view root_name) {
  std::vector<std::string_view> names;  // each with the slash behind it; the root is "/"
  while (!title.empty()) {
    const std::size_t size = std::min(title.find('/'), title.size() - 1) + 1;
    names.push_back(title.substr(0, size));
    title.remove_prefix(size);
  }
  std::string root = root_name.empty() ? "/" : escape_html(root_name);
  if (!root_name.empty() && names.size() > 1) root += " /";
  const auto text_of = [&](std::size_t i) { return i == 0 ? root : escape_html(names[i]); };
  out += "<nav aria-label=\"Path\">";
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    // The class comes first in links that are not entries, for whoever reads the page by program.
    out += "<a class=\"up\" href=\"";
    for (std::size_t up = i + 1; up < names.size(); ++up) out += "../";
    out += "\">" + text_of(i) + "</a> ";
  }
  if (!names.empty()) out += "<span>" + text_of(names.size() - 1) + "</span>";
  out += "</nav>\n";
}

struct Column {
  ListingOrder::Key key;
  std::string_view text;
  std::string_view query;
};

constexpr std::array<Column, 3> kColumns = {{
    {ListingOrder::Key::name, "Name", "name"},
    {ListingOrder::Key::size, "Size", "size"},
    {ListingOrder::Key::time, "Modified (UTC)", "time"},
}};

/// A button, not a link: programs that mirror a directory follow links.
void append_column(std::string& out, const Column& column, const ListingHead& head) {
  if (!head.sorted) {
    out.append("<th>").append(column.text).append("</th>");
    return;
  }
  const bool current = column.key == head.order.key;
  const std::string_view sorted = head.order.descending ? "descending" : "ascending";
  const std::string_view next = current && !head.order.descending ? "desc" : "asc";
  out += "<th";
  if (current) out.append(" aria-sort=\"").append(sorted).append("\"");
  out.append("><form><input type=\"hidden\" name=\"sort\" value=\"").append(column.query);
  out.append("\"><button name=\"order\" value=\"").append(next).append("\">");
  out.append(column.text).append("</button></form></th>");
}

}  // namespace

void HtmlListing::begin(std::string& out, const ListingHead& head) {
  const std::string heading = head.name.empty()
                                  ? "Directory listing for " + escape_html(head.title)
                                  : escape_html(head.name) + ": " + escape_html(head.title);
  out.append(kHeadStart).append(heading).append(kListingStyle).append(store_style(head.controls));
  out.append(kBodyStart).append(heading).append("</h1>\n");
  append_trail(out, head.title, head.name);
  append_controls(out, head.controls);
  script_ = store_script(head.controls);
  if (!head.sorted) out += "<p>Too many names to sort: in the order of the file system.</p>\n";
  out += "<table>\n<thead><tr>";
  for (const Column& column : kColumns) append_column(out, column, head);
  out += "</tr></thead>\n<tbody>";
}

void HtmlListing::add(std::string& out, const DirectoryEntry& entry) {
  // A name with a colon would otherwise be read as a scheme.
  std::string href = entry.name.find(':') == entry.name.npos ? "" : "./";
  href += percent_encode_path(entry.name);
  if (entry.is_directory) href += '/';
  std::string text = escape_html(entry.name);
  if (entry.is_link) {
    text += '@';
  } else if (entry.is_directory) {
    text += '/';
  }
  out += "<tr><td><a href=\"" + href + "\">" + text + "</a></td><td>";
  if (entry.is_file && !entry.is_link) out += readable_size(entry.size);
  out += "</td><td>" + readable_time(entry.modified_at) + "</td></tr>\n";
}

void HtmlListing::end(std::string& out) {
  out.append(kListEnd).append(script_).append(kEnd);
}

const std::string_view kListingPolicy =
    "default-src 'none'; style-src 'sha256-BerlmRkfprXWGr1Npx7cFCMkSSgoGombmTXb3eqHH3Y='; "
    "base-uri 'none'; form-action 'self'";

}  // namespace socketserver::http
