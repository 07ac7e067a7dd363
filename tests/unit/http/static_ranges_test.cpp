#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>

#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kDigits = "0123456789";

class StaticRanges : public ::testing::Test {
 protected:
  StaticRanges() {
    tree.file("digits.txt", kDigits);
    tree.file("empty");
    tree.modified_at("digits.txt", 1577934245);
  }

  Answer range(std::string_view set, std::string_view headers = {}) {
    return server.get("/digits.txt", "Range: " + std::string(set) + "\r\n" + std::string(headers));
  }

  /// The body that a multipart answer must have.
  static std::string parts(const Answer& answer, std::string_view type,
                           const std::vector<std::pair<std::string, std::string>>& expected) {
    constexpr std::string_view kType = "multipart/byteranges; boundary=";
    const std::string_view field = answer.headers["Content-Type"];
    EXPECT_THAT(std::string(field), StartsWith(std::string(kType)));
    const std::string delimiter = "\r\n--" + std::string(field.substr(kType.size()));
    std::string body;
    for (const auto& [place, content] : expected) {
      body += delimiter + "\r\nContent-Type: " + std::string(type) + "\r\nContent-Range: bytes " +
              place + "\r\n\r\n" + content;
    }
    return body + delimiter + "--\r\n";
  }

  TemporaryTree tree;
  WebServer server{handler<SimpleHTTPRequestHandler>({.directory = tree.path()})};
};

TEST_F(StaticRanges, HT_158_one) {
  const Answer answer = range("bytes=2-4");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 206 Partial Content");
  EXPECT_EQ(answer.body, "234");
  EXPECT_EQ(answer.headers["Content-Range"], "bytes 2-4/10");
  EXPECT_EQ(answer.headers["Content-Length"], "3");
  EXPECT_EQ(answer.headers["Content-Type"], "text/plain");
  EXPECT_EQ(answer.headers["Last-Modified"], "Thu, 02 Jan 2020 03:04:05 GMT");
  EXPECT_TRUE(answer.headers.contains("ETag"));
  EXPECT_EQ(answer.headers["Cache-Control"], "no-cache");
}

TEST_F(StaticRanges, HT_158_forms) {
  EXPECT_EQ(range("bytes=7-").body, "789");
  EXPECT_EQ(range("bytes=-2").body, "89");
  EXPECT_EQ(range("bytes=0-").body, kDigits);
  EXPECT_EQ(range("bytes=0-").status, 206);
  EXPECT_EQ(range("bytes=5-1000").body, "56789");
  EXPECT_EQ(range("bytes=-1000").body, kDigits);
}

TEST_F(StaticRanges, HT_158_announced) {
  const Answer answer = server.get("/digits.txt");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["Accept-Ranges"], "bytes");
}

TEST_F(StaticRanges, HT_158_several) {
  const Answer answer = range("bytes=7-8,0-1");
  EXPECT_EQ(answer.status, 206);
  EXPECT_FALSE(answer.headers.contains("Content-Range"));
  EXPECT_EQ(answer.headers["Content-Length"], std::to_string(answer.body.size()));
  EXPECT_EQ(answer.body, parts(answer, "text/plain", {{"7-8/10", "78"}, {"0-1/10", "01"}}));
}

TEST_F(StaticRanges, HT_158_several_that_become_one) {
  const Answer answer = range("bytes=0-3,2-5");
  EXPECT_EQ(answer.headers["Content-Range"], "bytes 0-5/10");
  EXPECT_EQ(answer.body, "012345");
}

TEST_F(StaticRanges, HT_158_several_of_a_large_file) {
  std::string content;
  while (content.size() < 1'000'000) content += std::to_string(content.size()) + ' ';
  tree.file("large", content);
  const auto size = std::to_string(content.size());
  const Answer answer = server.get("/large", "Range: bytes=10-199999,300000-300009,-5\r\n");
  EXPECT_EQ(answer.body, parts(answer, "application/octet-stream",
                               {{"10-199999/" + size, content.substr(10, 199990)},
                                {"300000-300009/" + size, content.substr(300000, 10)},
                                {std::to_string(content.size() - 5) + '-' +
                                     std::to_string(content.size() - 1) + '/' + size,
                                 content.substr(content.size() - 5)}}));
}

TEST_F(StaticRanges, HT_158_unsatisfiable) {
  const Answer answer = range("bytes=10-");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 416 Range Not Satisfiable");
  EXPECT_EQ(answer.headers["Content-Range"], "bytes */10");
  EXPECT_FALSE(answer.headers.contains("ETag"));
}

TEST_F(StaticRanges, empty_file) {
  EXPECT_EQ(server.get("/empty", "Range: bytes=0-\r\n").headers["Content-Range"], "bytes */0");
  EXPECT_EQ(server.get("/empty", "Range: bytes=-5\r\n").status, 200);
}

TEST_F(StaticRanges, ignored) {
  for (const std::string_view set : {"bytes=x", "lines=1-2", "bytes=4-2", "0-1", "",
                                     "bytes=0-1;2-3", "bytes=0-0,2-2,4-4,6-6,8-8,x"}) {
    const Answer answer = range(set);
    EXPECT_EQ(answer.status, 200) << set;
    EXPECT_EQ(answer.body, kDigits) << set;
  }
  EXPECT_EQ(range("bytes=0-1", "Range: bytes=0-1\r\n").status, 200);
}

TEST_F(StaticRanges, CVE_2011_3192_many_ranges) {
  std::string many = "bytes=0-";
  for (int i = 0; i < 1000; ++i) many += ",5-" + std::to_string(i);
  EXPECT_EQ(range(many).status, 200);  // some end before they begin
  many = "bytes=0-";
  for (int i = 5; i < 1000; ++i) many += ",5-" + std::to_string(i);
  EXPECT_EQ(range(many).body, kDigits);

  tree.file("long", std::string(100, 'x'));
  many = "bytes=0-0";
  for (int i = 1; i < 17; ++i) {
    many += ',' + std::to_string(2 * i) + '-' + std::to_string(2 * i);
  }
  EXPECT_EQ(server.get("/long", "Range: " + many + "\r\n").status, 200);
  many.resize(many.rfind(','));
  EXPECT_EQ(server.get("/long", "Range: " + many + "\r\n").status, 206);
}

TEST_F(StaticRanges, head_ignores_them) {
  RawClient client = server.connect();
  client.send("HEAD /digits.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n");
  const Answer answer = read_answer(client, "HEAD");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["Content-Length"], "10");
  EXPECT_EQ(answer.headers["Accept-Ranges"], "bytes");
}

TEST_F(StaticRanges, if_range) {
  const std::string tag(server.get("/digits.txt").headers["ETag"]);
  EXPECT_EQ(range("bytes=0-1", "If-Range: " + tag + "\r\n").status, 206);
  EXPECT_EQ(range("bytes=0-1", "If-Range: W/" + tag + "\r\n").status, 200);
  EXPECT_EQ(range("bytes=0-1", "If-Range: \"other\"\r\n").status, 200);
  EXPECT_EQ(range("bytes=0-1", "If-Range: Thu, 02 Jan 2020 03:04:05 GMT\r\n").status, 206);
  EXPECT_EQ(range("bytes=0-1", "If-Range: Thu, 02 Jan 2020 03:04:06 GMT\r\n").status, 200);
  // What does not count cannot be out of bounds either.
  EXPECT_EQ(range("bytes=10-", "If-Range: \"other\"\r\n").status, 200);
}

TEST_F(StaticRanges, conditions_go_first) {
  const std::string tag(server.get("/digits.txt").headers["ETag"]);
  EXPECT_EQ(range("bytes=0-1", "If-None-Match: " + tag + "\r\n").status, 304);
  EXPECT_EQ(range("bytes=0-1", "If-Match: \"other\"\r\n").status, 412);
  EXPECT_EQ(range("bytes=10-", "If-None-Match: " + tag + "\r\n").status, 304);
}

TEST_F(StaticRanges, connection_goes_on) {
  RawClient client = server.connect();
  for (const std::string_view set : {"bytes=2-4", "bytes=0-0,5-5", "bytes=0-"}) {
    client.send("GET /digits.txt HTTP/1.1\r\nHost: x\r\nRange: " + std::string(set) + "\r\n\r\n");
    EXPECT_EQ(read_answer(client).status, 206);
  }
  // And what was asked of one request is not done to the next.
  client.send("GET /digits.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, kDigits);
}

TEST_F(StaticRanges, index_page) {
  tree.file("index.html", "index");
  EXPECT_EQ(server.get("/", "Range: bytes=1-2\r\n").body, "nd");
}

TEST_F(StaticRanges, listing_has_none) {
  tree.file("file");
  const Answer answer = server.get("/", "Range: bytes=1-2\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.headers.contains("Accept-Ranges"));
}

/// Cuts the file between its head and its content.
struct Cutting : SimpleHTTPRequestHandler {
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;
  void copyfile(const http::OpenedPath& source) override {
    const std::string name = "/proc/self/fd/" + std::to_string(source.fd.get());
    EXPECT_EQ(::truncate(name.c_str(), 5), 0);
    SimpleHTTPRequestHandler::copyfile(source);
  }
};

TEST_F(StaticRanges, HT_159_cut_and_logged) {
  WebServer cutting(handler<Cutting>({.directory = tree.path()}));
  const std::string one = cutting.ask("GET /digits.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(one, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_THAT(one, EndsWith("\r\n\r\n01234"));
  cutting.log().wait_for("the file ended 5 bytes before what was announced");
}

TEST_F(StaticRanges, HT_159_no_part_behind_a_gap) {
  const WebServer cutting(handler<Cutting>({.directory = tree.path()}));
  const std::string wire =
      cutting.ask("GET /digits.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=3-6,0-1\r\n\r\n");
  EXPECT_THAT(wire, EndsWith("bytes 3-6/10\r\n\r\n34"));
}

TEST_F(StaticRanges, override_that_copies_elsewhere) {
  struct Own : SimpleHTTPRequestHandler {
    using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;
    void copyfile(const http::OpenedPath& source) override {
      log_message("copying");
      SimpleHTTPRequestHandler::copyfile(source);
    }
  };
  WebServer own(handler<Own>({.directory = tree.path()}));
  EXPECT_EQ(own.get("/digits.txt", "Range: bytes=1-1\r\n").body, "1");
  EXPECT_TRUE(own.log().has("copying"));
}

}  // namespace
}  // namespace socketserver::testing
