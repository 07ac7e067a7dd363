#include <sys/stat.h>
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

using ::testing::HasSubstr;
using ::testing::StartsWith;

class StaticContent : public ::testing::Test {
 protected:
  StreamHandler files(SimpleHTTPOptions options = {}) {
    options.directory = tree.path();
    return handler<SimpleHTTPRequestHandler>(std::move(options));
  }

  std::string type_of(const std::string& name) {
    tree.file(name);
    return std::string(server.get("/" + name).headers["Content-Type"]);
  }

  Answer ask(std::string_view method, std::string_view target, std::string_view headers = {}) {
    RawClient client = server.connect();
    client.send(std::string(method) + ' ' + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" +
                std::string(headers) + "\r\n");
    return read_answer(client, method);
  }

  TemporaryTree tree;
  WebServer server{files()};
};

TEST_F(StaticContent, HT_146_compressed_types) {
  EXPECT_EQ(type_of("a.gz"), "application/gzip");
  EXPECT_EQ(type_of("a.tar.gz"), "application/gzip");
  EXPECT_EQ(type_of("a.Z"), "application/octet-stream");
  EXPECT_EQ(type_of("a.bz2"), "application/x-bzip2");
  EXPECT_EQ(type_of("a.xz"), "application/x-xz");
}

TEST_F(StaticContent, HT_147_types) {
  EXPECT_EQ(type_of("a.html"), "text/html");
  EXPECT_EQ(type_of("a.HTML"), "text/html");
  EXPECT_EQ(type_of("a.txt"), "text/plain");
  EXPECT_EQ(type_of("a.js"), "text/javascript");
  EXPECT_EQ(type_of("a.json"), "application/json");
  EXPECT_EQ(type_of("a.wasm"), "application/wasm");
  EXPECT_EQ(type_of("a.svgz"), "image/svg+xml");
  EXPECT_EQ(type_of("a.tgz"), "application/x-tar");
  EXPECT_EQ(type_of("a.py"), "text/x-python");
}

TEST_F(StaticContent, HT_148_unknown_type) {
  EXPECT_EQ(type_of("a.unknown"), "application/octet-stream");
  EXPECT_EQ(type_of("plain"), "application/octet-stream");
  tree.file(".hidden");
  const WebServer showing(files({.show_hidden = true, .default_content_type = "text/x-default"}));
  EXPECT_EQ(showing.get("/.hidden").headers["Content-Type"], "text/x-default");
  EXPECT_EQ(showing.get("/plain").headers["Content-Type"], "text/x-default");
}

TEST_F(StaticContent, HT_149_extensions_map) {
  tree.file("a.foo");
  tree.file("a.FOO");
  tree.file("a.txt");
  const WebServer own(files({.extensions_map = {{".foo", "text/x-foo"}, {".txt", "text/x-txt"}}}));
  EXPECT_EQ(own.get("/a.foo").headers["Content-Type"], "text/x-foo");
  EXPECT_EQ(own.get("/a.FOO").headers["Content-Type"], "text/x-foo");
  EXPECT_EQ(own.get("/a.txt").headers["Content-Type"], "text/x-txt");
}

TEST_F(StaticContent, HT_150_head) {
  tree.file("a.txt", "content");
  Answer head = ask("HEAD", "/a.txt");
  Answer get = ask("GET", "/a.txt");
  head.headers.set("Date", "now");
  get.headers.set("Date", "now");
  EXPECT_EQ(head.status_line, get.status_line);
  EXPECT_EQ(head.headers.text(), get.headers.text());
  EXPECT_EQ(head.headers["Content-Length"], "7");
}

TEST_F(StaticContent, HT_151_other_methods) {
  tree.file("a.txt", "content");
  for (const std::string_view method : {"POST", "PUT", "DELETE", "PATCH"}) {
    const Answer answer = ask(method, "/a.txt", "Content-Length: 0\r\n");
    EXPECT_EQ(answer.status_line, "HTTP/1.1 405 Method Not Allowed") << method;
    EXPECT_EQ(answer.headers["Allow"], "GET, HEAD") << method;
    EXPECT_EQ(answer.headers["Connection"], "close") << method;
  }
  EXPECT_EQ(ask("OPTIONS", "/a.txt").status, 501);
  EXPECT_EQ(ask("SPAM", "/a.txt").status, 501);
  EXPECT_EQ(server.get("/a.txt").body, "content");
}

class Conditional : public StaticContent {
 protected:
  Conditional() {
    tree.file("file", "content");
    // Thu, 02 Jan 2020 03:04:05 GMT and a bit.
    tree.modified_at("file", 1577934245, 678'000'000);
  }

  int since(std::string_view date) {
    const Answer answer = ask("GET", "/file", "If-Modified-Since: " + std::string(date) + "\r\n");
    if (answer.status == 304) {
      EXPECT_EQ(answer.body, "");
      for (const auto [name, value] : answer.headers) {
        EXPECT_FALSE(name.starts_with("Content-")) << name;
      }
    } else {
      EXPECT_EQ(answer.body, "content");
    }
    return answer.status;
  }
};

TEST_F(Conditional, HT_152_if_modified_since) {
  EXPECT_EQ(server.get("/file").headers["Last-Modified"], "Thu, 02 Jan 2020 03:04:05 GMT");
  EXPECT_EQ(since("Thu, 02 Jan 2020 03:04:05 GMT"), 304);
  EXPECT_EQ(since("Fri, 03 Jan 2020 03:04:05 GMT"), 304);
  EXPECT_EQ(since("Thu, 02 Jan 2020 03:04:04 GMT"), 200);
}

TEST_F(Conditional, HT_152_head) {
  EXPECT_EQ(ask("HEAD", "/file", "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\n").status,
            304);
}

TEST_F(Conditional, HT_152_connection_goes_on) {
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) {
    client.send(
        "GET /file HTTP/1.1\r\nHost: x\r\n"
        "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\n\r\n");
    EXPECT_EQ(read_answer(client).status, 304);
  }
}

TEST_F(Conditional, HT_152_index_page) {
  tree.file("index.html", "index");
  tree.modified_at("index.html", 1577934245);
  EXPECT_EQ(ask("GET", "/", "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\n").status, 304);
}

TEST_F(Conditional, HT_153_if_none_match_takes_precedence) {
  EXPECT_EQ(ask("GET", "/file",
                "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\nIf-None-Match: \"x\"\r\n")
                .status,
            200);
}

TEST_F(Conditional, HT_154_other_forms) {
  for (const std::string_view date :
       {"Thursday, 02-Jan-20 03:04:05 GMT", "Thu Jan  2 03:04:05 2020",
        "Thu, 02 Jan 2020 03:04:05 -0000", "Thu, 02 Jan 2020 03:04:05 +0000",
        "Thu, 02 Jan 2020 03:04:05 UTC", "Thu, 02 Jan 2020 03:04:05 Z", "Thu, 02 Jan 2020 03:04:05",
        "02 Jan 2020 03:04:05 GMT"}) {
    EXPECT_EQ(since(date), 304) << date;
  }
}

TEST_F(Conditional, HT_155_other_zones_are_converted) {
  EXPECT_EQ(since("Thu, 02 Jan 2020 05:04:05 +0200"), 304);
  EXPECT_EQ(since("Thu, 02 Jan 2020 05:04:04 +0200"), 200);
  EXPECT_EQ(since("Wed, 01 Jan 2020 22:04:05 EST"), 304);
}

TEST_F(Conditional, HT_156_junk_is_ignored) {
  for (const std::string_view date :
       {"yesterday", "", "Thu, 42 Jan 2020 03:04:05 GMT", "Thu, 02 Jan 99999 03:04:05 GMT"}) {
    EXPECT_EQ(since(date), 200) << date;
  }
}

TEST_F(Conditional, HT_157_fractions_are_cut) {
  tree.modified_at("file", 1577934245, 999'999'999);
  EXPECT_EQ(since("Thu, 02 Jan 2020 03:04:05 GMT"), 304);
}

/// Changes the file between its head and its content.
struct Unsteady : SimpleHTTPRequestHandler {
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;
  void copyfile(const http::OpenedPath& source) override {
    const off_t size = path().starts_with("/grow") ? 200'000 : 10;
    const std::string name = "/proc/self/fd/" + std::to_string(source.fd.get());
    EXPECT_EQ(::truncate(name.c_str(), size), 0);
    SimpleHTTPRequestHandler::copyfile(source);
  }
};

TEST_F(StaticContent, HT_159_file_that_changes_while_it_is_sent) {
  const WebServer unsteady(handler<Unsteady>({.directory = tree.path()}));
  // Up to 64 KiB are copied, up to 16 KiB behind the head; more is sent by the kernel.
  for (const std::size_t size : {1000U, 20'000U, 100'000U}) {
    tree.file("shrink", std::string(size, 'x'));
    const std::string wire = unsteady.ask("GET /shrink HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(wire, HasSubstr("\r\nContent-Length: " + std::to_string(size) + "\r\n"));
    EXPECT_THAT(wire, ::testing::EndsWith("\r\n\r\n" + std::string(10, 'x')));

    tree.file("grow", std::string(size, 'x'));
    RawClient client = unsteady.connect();
    for (int i = 0; i < 2; ++i) {
      tree.file("grow", std::string(size, 'x'));
      client.send("GET /grow HTTP/1.1\r\nHost: x\r\n\r\n");
      EXPECT_EQ(read_answer(client).body, std::string(size, 'x'));
    }
  }
}

TEST_F(StaticContent, empty_file) {
  tree.file("empty");
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) {
    client.send("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n");
    const Answer answer = read_answer(client);
    EXPECT_EQ(answer.headers["Content-Length"], "0");
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(StaticContent, sizes_around_the_copying_limits) {
  for (const std::size_t size : {16383U, 16384U, 16385U, 65535U, 65536U, 65537U, 1'000'000U}) {
    std::string content;
    while (content.size() < size) content += std::to_string(content.size()) + ' ';
    content.resize(size);
    tree.file("file", content);
    EXPECT_EQ(server.get("/file").body, content);
  }
}

TEST_F(StaticContent, http10_and_http09) {
  tree.file("file", "content");
  EXPECT_EQ(server.ask("GET /file\r\n"), "content");
  std::string wire = server.ask("GET /file HTTP/1.0\r\n\r\n");
  const Answer answer = take_answer(wire);
  EXPECT_EQ(answer.headers["Connection"], "close");
  EXPECT_EQ(answer.body, "content");
  EXPECT_EQ(wire, "");
}

TEST_F(StaticContent, extra_headers_on_success_only) {
  tree.file("file", "content");
  const WebServer extra(
      files({.extra_response_headers = {{"X-A", "1"}, {"Cache-Control", "no-store"}}}));
  const Answer found = extra.get("/file");
  EXPECT_EQ(found.headers["X-A"], "1");
  EXPECT_EQ(found.headers["Cache-Control"], "no-store");
  EXPECT_EQ(extra.get("/").headers["X-A"], "1");
  EXPECT_FALSE(extra.get("/missing").headers.contains("X-A"));
}

TEST_F(StaticContent, server_header) {
  EXPECT_THAT(std::string(server.get("/").headers["Server"]), StartsWith("SimpleHTTP/0.6 "));
}

TEST_F(StaticContent, file_from_before_1970) {
  tree.file("old", "old");
  tree.modified_at("old", -1);
  EXPECT_EQ(server.get("/old").headers["Last-Modified"], "Wed, 31 Dec 1969 23:59:59 GMT");
}

}  // namespace
}  // namespace socketserver::testing
