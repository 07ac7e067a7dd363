// What peers send to use up memory, time or stack.

#include <sys/resource.h>

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

#include "tests/unit/xmlrpc_codec/outcome.hpp"

namespace socketserver::xmlrpc {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string value_of(const std::string& inner) {
  return "<params><param><value>" + inner + "</value></param></params>";
}

/// The most memory that this process ever held, in KiB.
long peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::string nested_arrays(std::size_t depth) {
  return value_of(repeated("<array><data><value>", depth) +
                  repeated("</value></data></array>", depth));
}

// P78.
TEST(LoadsHostile, XR_070_depth) {
  EXPECT_EQ(outcome(nested_arrays(65)),
            "-32400 more than 64 arrays and structs in one another: line 1, column 1302");
  EXPECT_TRUE(outcome(nested_arrays(64)).starts_with("params [[["));
  const LoadLimits large{.bytes = std::size_t{64} << 20};
  EXPECT_TRUE(outcome(nested_arrays(1'000'000), {}, large).starts_with("-32400 more than 64 arr"));
  const std::string structs =
      "<params><param><value>" + repeated("<struct><member><name/><value>", 1'000'000);
  EXPECT_TRUE(outcome(structs, {}, large).starts_with("-32400 more than 64 arrays"));
  EXPECT_TRUE(
      outcome(repeated("<params>", 1'000'000)).starts_with("-32600 tag 'params' in params"));
  EXPECT_TRUE(outcome(nested_arrays(1000), {}, {.depth = 1000}).starts_with("params [[["));
}

TEST(LoadsHostile, a_million_members) {
  std::string document = "<params><param><value><struct>";
  for (int i = 0; i < 1'000'000; ++i) {
    document += "<member><name>" + std::to_string(i % 999'999) + "</name><value/></member>";
  }
  document += "</struct></value></param></params>";
  const LoadLimits limits{.bytes = std::size_t{100} << 20, .values = 1'000'001};
  Unmarshaller unmarshaller(limits);
  EXPECT_TRUE(unmarshaller.feed(document));
  const auto message = unmarshaller.close();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->params[0].get_if<Struct>()->size(), 999'999U);
  EXPECT_EQ(outcome(document), "-32400 more than 8388608 bytes");
  EXPECT_TRUE(outcome(document, {}, {.bytes = limits.bytes})
                  .starts_with("-32400 more than 1000000 values"));
}

TEST(LoadsHostile, values_are_counted) {
  const std::string document = value_of("<array>" + repeated("<value/>", 99) + "</array>");
  EXPECT_TRUE(outcome(document, {}, {.values = 100}).starts_with("params"));
  EXPECT_TRUE(outcome(document, {}, {.values = 99}).starts_with("-32400 more than 99 values"));
}

// The most that fits into the default limits costs a few times its size, and no more.
TEST(LoadsHostile, memory_is_bounded) {
  const std::string document =
      value_of("<array>" + repeated("<value/>", (std::size_t{8} << 20) / 8 - 100) + "</array>");
  const long before = peak_memory();
  EXPECT_TRUE(outcome(document).starts_with("-32400 more than 1000000 values"));
  EXPECT_LT(peak_memory() - before, 200 * 1024);
}

TEST(LoadsHostile, bytes_are_counted) {
  const std::string document = "<params/>";
  EXPECT_EQ(outcome(document, {}, {.bytes = 9}), "params []");
  EXPECT_EQ(outcome(document, {}, {.bytes = 8}), "-32400 more than 8 bytes");
  EXPECT_EQ(outcome_by_bytes(document, {.bytes = 8}), "-32400 more than 8 bytes");
}

// Billion laughs, quadratic blow-up, external and parameter entities: no DTD, no entity.
TEST(LoadsHostile, XR_064_entity_bombs) {
  std::string laughs = "<?xml version='1.0'?>\n<!DOCTYPE lolz [\n<!ENTITY l0 \"lol\">\n";
  for (int i = 1; i < 10; ++i) {
    laughs += "<!ENTITY l" + std::to_string(i) + " \"" +
              repeated("&l" + std::to_string(i - 1) + ";", 10) + "\">\n";
  }
  laughs += "]>\n" + value_of("&l9;");
  const std::string quadratic = "<!DOCTYPE x [<!ENTITY a \"" + std::string(100'000, 'a') + "\">]>" +
                                value_of(repeated("&a;", 100'000));
  EXPECT_TRUE(outcome(laughs).starts_with("-32600 a document type declaration"));
  EXPECT_TRUE(outcome_by_bytes(laughs).starts_with("-32600 a document type declaration"));
  EXPECT_TRUE(outcome(quadratic).starts_with("-32600 a document type declaration"));
}

// CVE-2023-52425: one tag of megabytes, byte by byte, took hours in expat.
TEST(LoadsHostile, a_long_tag_in_small_pieces) {
  constexpr std::string_view kTooLong = "-32400 a tag of more than 16384 bytes: line 1, column 8";
  for (const char* head : {"<params><value a='", "<params><!-- ", "<params><?pi "}) {
    const std::string document = head + std::string(4'000'000, 'x');
    EXPECT_EQ(outcome_by_bytes(document), kTooLong) << head;
    EXPECT_EQ(outcome(document), kTooLong) << head;
  }
  const std::string text = "<params><value><![CDATA[" + std::string(4'000'000, 'x');
  EXPECT_TRUE(outcome_by_bytes(text).starts_with("-32700 "));
}

TEST(LoadsHostile, tags_are_so_long_and_no_longer) {
  struct Row {
    std::string_view before, head, tail, after;
  };
  for (const Row& row : {Row{"", "<!--", "-->", "<params/>"}, Row{"", "<?pi ", "?>", "<params/>"},
                         Row{"", "<params a='", "'>", "</params>"},
                         Row{"<params>", "<param", ">", "<value/></param></params>"},
                         Row{"<params><!---->", "</params", ">", ""}}) {
    // What comes before it decides where the pieces that expat gets end.
    for (const std::size_t lead : {0U, 1U, 9'000U, 16'000U, 16'383U, 16'384U}) {
      const auto document = [&row, lead](std::size_t bytes) {
        const char filling = row.tail == ">" ? ' ' : 'x';
        const std::size_t room = bytes - row.head.size() - row.tail.size();
        return std::string(lead, ' ').append(row.before).append(row.head).append(room, filling) +
               std::string(row.tail).append(row.after);
      };
      const std::string good = row.head == "<param" ? "params ['']" : "params []";
      EXPECT_EQ(outcome(document(16384)), good) << row.head << lead;
      EXPECT_EQ(outcome_by_bytes(document(16384)), good) << row.head << lead;
      for (const std::size_t bytes : {16385U, 20'000U, 32'768U, 40'000U}) {
        const std::string result = outcome(document(bytes));
        EXPECT_TRUE(result.starts_with("-32400 a tag of")) << row.head << bytes << result;
        EXPECT_EQ(outcome_by_bytes(document(bytes)), result) << row.head << bytes;
      }
    }
  }
}

// Six megabytes of them on one tag took a second before anything could be refused.
TEST(LoadsHostile, many_attributes) {
  const auto attributes = [](int first, int count) {
    std::string text;
    for (int i = first; i < first + count; ++i) text += " a" + std::to_string(i) + "='b'";
    return text;
  };
  constexpr std::string_view kTooMany = "-32400 more than 16 different attributes";
  EXPECT_EQ(outcome("<params" + attributes(0, 16) + "/>"), "params []");
  EXPECT_TRUE(outcome("<params" + attributes(0, 17) + "/>").starts_with(kTooMany));
  EXPECT_TRUE(outcome("<params" + attributes(0, 100'000) + "/>").starts_with("-32400 a tag of"));
  std::string values;
  for (int i = 0; i < 17; ++i) values += "<value" + attributes(i, 1) + "/>";
  EXPECT_TRUE(outcome("<params>" + values + "</params>").starts_with(kTooMany));
  const std::string extension = "<value><ex:nil xmlns:ex='http://x/' a='b'/></value>";
  EXPECT_TRUE(outcome("<params>" + repeated(extension, 1000) + "</params>").starts_with("params"));
}

TEST(LoadsHostile, truncated_at_every_byte) {
  const std::string document =
      "<?xml version='1.0'?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n<param>\n"
      "<value><struct>\n<member>\n<name>a&lt;b</name>\n<value><array><data>\n"
      "<value><int>1</int></value>\n<value><nil/></value></data></array></value>\n</member>\n"
      "</struct></value>\n</param>\n</params>\n</methodCall>";
  EXPECT_TRUE(outcome(document).starts_with("call "));
  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_TRUE(outcome(document.substr(0, size)).starts_with("-32700 ")) << size;
  }
}

TEST(LoadsHostile, nothing_more_is_taken_after_a_refusal) {
  Unmarshaller unmarshaller;
  EXPECT_FALSE(unmarshaller.feed("<spam>"));
  const std::string why = unmarshaller.failure().text;
  EXPECT_FALSE(unmarshaller.feed("</spam>"));
  EXPECT_FALSE(unmarshaller.close());
  EXPECT_EQ(unmarshaller.failure().text, why);
}

TEST(LoadsHostile, bombs_in_gzip_end_at_the_limit) {
  const std::string bomb = gzip_encode(std::string(std::size_t{30} << 20, ' '));
  const GzipResult result = gzip_decode(bomb);
  EXPECT_FALSE(result.data);
  EXPECT_EQ(result.error, GzipError::too_large);
}

// What a peer sent is shown in part only.
TEST(LoadsHostile, failures_are_short) {
  EXPECT_LT(outcome(value_of("<int>" + std::string(1'000'000, 'x') + "</int>")).size(), 200U);
  EXPECT_LT(outcome("<" + std::string(1'000'000, 'x') + "/>").size(), 200U);
}

}  // namespace
}  // namespace socketserver::xmlrpc
