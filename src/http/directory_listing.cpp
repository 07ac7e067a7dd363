#include "http/directory_listing.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/text.hpp>

namespace socketserver::http {
namespace {

constexpr std::string_view kPageStart = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>%TITLE%</title>
<style>
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{padding:.2rem .5rem;text-align:left;border-bottom:1px solid #8884}
td:first-child{overflow-wrap:anywhere}
th:nth-child(2),td:nth-child(2){text-align:right}
td:nth-child(n+2){white-space:nowrap;font-variant-numeric:tabular-nums}
</style>
</head>
<body>
<h1>%TITLE%</h1>
<table>
<thead><tr><th>Name</th><th>Size</th><th>Modified (UTC)</th></tr></thead>
<tbody>
)html";

constexpr std::string_view kPageEnd = R"html(</tbody>
</table>
</body>
</html>
)html";

constexpr std::string_view kTitlePlace = "%TITLE%";

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

bool less_without_case(const DirectoryEntry& a, const DirectoryEntry& b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  const auto order = std::lexicographical_compare_three_way(
      a.name.begin(), a.name.end(), b.name.begin(), b.name.end(),
      [&](char x, char y) { return lower(x) <=> lower(y); });
  return order != 0 ? order < 0 : a.name < b.name;
}

DirectoryEntry describe(int directory, std::string name) {
  DirectoryEntry entry{.name = std::move(name)};
  struct stat status {};
  if (::fstatat(directory, entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) return entry;
  entry.is_link = S_ISLNK(status.st_mode);
  // Size and time stay the link's own: what it leads to may be nobody's business.
  entry.size = static_cast<std::uint64_t>(status.st_size);
  entry.modified_at = status.st_mtim.tv_sec;
  // A link that leads nowhere stays a link.
  if (entry.is_link) ::fstatat(directory, entry.name.c_str(), &status, 0);
  entry.is_directory = S_ISDIR(status.st_mode);
  return entry;
}

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
  ::gmtime_r(&time, &fields);
  std::array<char, 32> text{};
  ::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &fields);
  return text.data();
}

void append_row(std::string& page, const DirectoryEntry& entry) {
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
  page += "<tr><td><a href=\"" + href + "\">" + text + "</a></td><td>";
  if (!entry.is_directory && !entry.is_link) page += readable_size(entry.size);
  page += "</td><td>" + readable_time(entry.modified_at) + "</td></tr>\n";
}

}  // namespace

std::vector<DirectoryEntry> read_directory(UniqueFd directory, bool show_hidden) {
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(directory.get()));
  if (!stream) throw_os_error(last_error(), "read directory");
  // The stream closes it from now on.
  const int fd = directory.release();
  std::vector<DirectoryEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* found = ::readdir(stream.get());
    if (found == nullptr) {
      if (errno != 0) throw_os_error(last_error(), "read directory");
      break;
    }
    std::string name = found->d_name;
    if (name == "." || name == ".." || (name.front() == '.' && !show_hidden)) continue;
    entries.push_back(describe(fd, std::move(name)));
  }
  std::ranges::sort(entries, less_without_case);
  return entries;
}

std::string render_directory(const std::vector<DirectoryEntry>& entries, std::string_view title) {
  const std::string heading = "Directory listing for " + escape_html(title);
  std::string page(kPageStart);
  for (auto at = page.find(kTitlePlace); at != page.npos;
       at = page.find(kTitlePlace, at + heading.size())) {
    page.replace(at, kTitlePlace.size(), heading);
  }
  for (const DirectoryEntry& entry : entries) append_row(page, entry);
  return page += kPageEnd;
}

}  // namespace socketserver::http
