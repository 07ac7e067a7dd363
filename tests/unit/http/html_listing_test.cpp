#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/html_listing.hpp"
#include "http/store_page.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::TemporaryTree;
using ::testing::HasSubstr;
using ::testing::Not;

std::string page_of(const std::vector<DirectoryEntry>& entries, const ListingHead& head) {
  HtmlListing listing;
  std::string page;
  listing.begin(page, head);
  for (const DirectoryEntry& entry : entries) listing.add(page, entry);
  listing.end(page);
  return page;
}

std::string page_of(const std::vector<DirectoryEntry>& entries, std::string_view title) {
  return page_of(entries, ListingHead{.title = title});
}

std::string row_of(const DirectoryEntry& entry) {
  const std::string page = page_of({entry}, "/");
  const auto begin = page.find("<tr><td>");
  return page.substr(begin, page.find('\n', begin) - begin);
}

std::string between(const std::string& text, std::string_view before, std::string_view after) {
  const auto begin = text.find(before) + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

TEST(HtmlListing, empty) {
  EXPECT_THAT(page_of({}, "/"), Not(HasSubstr("<a href")));
  EXPECT_THAT(page_of({}, "/"), HasSubstr("<tbody></tbody>"));
}

TEST(HtmlListing, page_around_the_rows) {
  const std::string page = page_of({}, "/a & b/");
  EXPECT_THAT(page, ::testing::StartsWith("<!DOCTYPE html>\n<html lang=\"en\">\n"));
  EXPECT_THAT(page, HasSubstr("<meta charset=\"utf-8\">"));
  EXPECT_THAT(page, HasSubstr("<title>Directory listing for /a &amp; b/</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>Directory listing for /a &amp; b/</h1>"));
  EXPECT_THAT(page, ::testing::EndsWith("</html>\n"));
}

TEST(HtmlListing, rows) {
  EXPECT_EQ(row_of({.name = "file", .is_file = true, .size = 5, .modified_at = 1577934245}),
            "<tr><td><a href=\"file\">file</a></td><td>5 B</td><td>2020-01-02 03:04</td></tr>");
  EXPECT_EQ(row_of({.name = "dir", .is_directory = true, .size = 4096, .modified_at = 0}),
            "<tr><td><a href=\"dir/\">dir/</a></td><td></td><td>1970-01-01 00:00</td></tr>");
  EXPECT_THAT(row_of({.name = "link", .is_link = true}), HasSubstr("<a href=\"link\">link@</a>"));
  EXPECT_THAT(row_of({.name = "link", .is_directory = true, .is_link = true}),
              HasSubstr("<a href=\"link/\">link@</a>"));
}

TEST(HtmlListing, link_has_no_size) {
  EXPECT_THAT(row_of({.name = "link", .is_file = true, .is_link = true, .size = 4096}),
              HasSubstr("link@</a></td><td></td><td>"));
}

TEST(HtmlListing, names_are_escaped) {
  EXPECT_THAT(row_of({.name = "<&>\"'"}),
              HasSubstr("<a href=\"%3C%26%3E%22%27\">&lt;&amp;&gt;\"'</a>"));
  EXPECT_THAT(row_of({.name = "a?b#c%d e\\f"}), HasSubstr("href=\"a%3Fb%23c%25d%20e%5Cf\""));
  EXPECT_THAT(row_of({.name = "\xff\n\x01"}), HasSubstr("href=\"%FF%0A%01\""));
  EXPECT_THAT(row_of({.name = "http://x"}), HasSubstr("href=\"./http"));
}

TEST(HtmlListing, sizes) {
  const auto size = [](std::uint64_t bytes) {
    const std::string row = row_of({.name = "f", .is_file = true, .size = bytes});
    const auto begin = row.find("</a></td><td>") + 13;
    return row.substr(begin, row.find('<', begin) - begin);
  };
  EXPECT_EQ(size(0), "0 B");
  EXPECT_EQ(size(1023), "1023 B");
  EXPECT_EQ(size(1024), "1.0 KiB");
  EXPECT_EQ(size(1536), "1.5 KiB");
  EXPECT_EQ(size(std::uint64_t{1} << 20), "1.0 MiB");
  EXPECT_EQ(size(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(size(std::uint64_t{3} << 40), "3.0 TiB");
  EXPECT_EQ(size(std::uint64_t{2} << 50), "2.0 PiB");
  EXPECT_EQ(size(std::uint64_t{8} << 60), "8192.0 PiB");
}

TEST(HtmlListing, times_beyond_the_calendar) {
  for (const std::int64_t seconds :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THAT(row_of({.name = "f", .modified_at = seconds}), HasSubstr(">f</a>"));
  }
}

TEST(HtmlListing, trail_to_the_root) {
  EXPECT_THAT(page_of({}, "/"), HasSubstr("<nav aria-label=\"Path\"><span>/</span></nav>"));
  EXPECT_THAT(page_of({}, "/a/<b>/"),
              HasSubstr("<nav aria-label=\"Path\"><a class=\"up\" href=\"../../\">/</a> "
                        "<a class=\"up\" href=\"../\">a/</a> <span>&lt;b&gt;/</span></nav>"));
}

std::string button(std::string_view sort, std::string_view order, std::string_view text) {
  return "<form><input type=\"hidden\" name=\"sort\" value=\"" + std::string(sort) +
         "\"><button name=\"order\" value=\"" + std::string(order) + "\">" + std::string(text) +
         "</button></form></th>";
}

TEST(HtmlListing, columns_sort) {
  const std::string by_name = page_of({}, "/");
  EXPECT_THAT(by_name, HasSubstr("<th aria-sort=\"ascending\">" + button("name", "desc", "Name")));
  EXPECT_THAT(by_name, HasSubstr("<th>" + button("size", "asc", "Size")));
  const std::string by_time = page_of(
      {}, ListingHead{.title = "/", .order = {.key = ListingOrder::Key::time, .descending = true}});
  EXPECT_THAT(by_time,
              HasSubstr("<th aria-sort=\"descending\">" + button("time", "asc", "Modified (UTC)")));
  EXPECT_THAT(by_time, HasSubstr("<th>" + button("name", "asc", "Name")));
}

TEST(HtmlListing, only_entries_and_the_way_up_are_links) {
  // Programs that mirror a directory follow every link there is.
  EXPECT_THAT(page_of({}, "/"), Not(HasSubstr("href=")));
}

TEST(HtmlListing, unsorted_says_so) {
  const std::string page = page_of({}, ListingHead{.title = "/", .sorted = false});
  EXPECT_THAT(page, HasSubstr("Too many names to sort"));
  EXPECT_THAT(page, Not(HasSubstr("<button")));
  EXPECT_THAT(page_of({}, "/"), Not(HasSubstr("Too many")));
}

TEST(HtmlListing, nothing_from_elsewhere) {
  const std::string page = page_of({{.name = "f"}}, "/");
  for (const std::string_view text : {"http:", "https:", "//", "src=", "<script", "<link",
                                      "@import", "url(", "style=", " onclick"}) {
    EXPECT_THAT(page, Not(HasSubstr(text)));
  }
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
}

/// Of what `sha256sum` says of a file.
std::string base64_of_hex(const std::string& hex) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bits;
  for (const char digit : hex) {
    const auto value = static_cast<unsigned>(std::stoi(std::string(1, digit), nullptr, 16));
    for (unsigned bit = 8; bit > 0; bit /= 2) bits += (value & bit) != 0 ? '1' : '0';
  }
  std::string text;
  for (std::size_t i = 0; i < bits.size(); i += 6) {
    std::string six = bits.substr(i, 6);
    six.resize(6, '0');
    text += kDigits[static_cast<std::size_t>(std::stoi(six, nullptr, 2))];
  }
  text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

/// The hash of an element's content as a policy names it.
std::string hash_of(const std::string& content) {
  const TemporaryTree tree;
  tree.file("content", content);
  const std::string command = "sha256sum " + tree.path("content");
  const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
  std::string hex(64, '\0');
  if (output == nullptr || std::fread(hex.data(), 1, hex.size(), output.get()) != hex.size()) {
    return "no hash";
  }
  return "'sha256-" + base64_of_hex(hex) + '\'';
}

TEST(HtmlListing, policy_allows_its_style_and_nothing_else) {
  EXPECT_EQ(std::string(kListingPolicy),
            "default-src 'none'; style-src " +
                hash_of(between(page_of({}, "/"), "<style>", "</style>")) +
                "; base-uri 'none'; form-action 'self'");
  EXPECT_EQ(listing_policy({}), kListingPolicy);
}

constexpr std::string_view kSecond = "</style>\n<style>";

TEST(HtmlListing, policy_of_a_page_with_controls) {
  const ListingControls controls{.upload = true, .archives = {"zip"}};
  const std::string page = page_of({}, ListingHead{.title = "/", .controls = controls});
  const std::string styles = hash_of(between(page, "<style>", "</style>")) + ' ' +
                             hash_of(between(page, kSecond, "</style>"));
  EXPECT_EQ(listing_policy(controls),
            "default-src 'none'; style-src " + styles + "; script-src " +
                hash_of(between(page, "<script>", "</script>")) +
                "; connect-src 'self'; base-uri 'none'; form-action 'self'");
  EXPECT_EQ(listing_policy({.archives = {"zip"}}),
            "default-src 'none'; style-src " + styles + "; base-uri 'none'; form-action 'self'");
}

TEST(HtmlListing, controls) {
  const auto page_with = [](const ListingControls& controls) {
    return page_of({}, ListingHead{.title = "/", .controls = controls});
  };
  const std::string nothing = page_with({});
  EXPECT_THAT(nothing, Not(HasSubstr("<script")));
  EXPECT_THAT(nothing, Not(HasSubstr("class=\"tools\"")));

  const std::string upload = page_with({.upload = true});
  EXPECT_THAT(upload, HasSubstr("<form id=\"upload\" method=\"post\" "
                                "enctype=\"multipart/form-data\"><input type=\"file\""));
  EXPECT_THAT(upload, HasSubstr("<script>"));
  EXPECT_THAT(page_with({.upload = true, .resumable = true}), HasSubstr(" data-resumable=\"1\">"));
  EXPECT_THAT(page_with({.make_directories = true}), HasSubstr("id=\"mkdir\" hidden"));
  EXPECT_THAT(page_with({.remove = true}), HasSubstr("id=\"removable\""));

  const std::string archives = page_with({.archives = {"tar", "<zip>"}});
  EXPECT_THAT(archives, HasSubstr("<button name=\"archive\" value=\"tar\">tar</button>"));
  EXPECT_THAT(archives, HasSubstr("value=\"&lt;zip&gt;\""));
  EXPECT_THAT(archives, Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace socketserver::http
