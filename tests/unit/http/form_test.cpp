#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <socketserver/http/form.hpp>
#include <socketserver/http/request_error.hpp>
#include <string>
#include <vector>

#include "answer.hpp"
#include "full_disk.hpp"
#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using Method = std::function<void(BaseHTTPRequestHandler&)>;

constexpr std::string_view kMultipart = "multipart/form-data; boundary=B";
constexpr std::string_view kUrlencoded = "application/x-www-form-urlencoded";

std::string posted_form(std::string_view type, std::string_view body) {
  return "POST /?q=a+b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: " +
         std::string(type) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string field(std::string_view name, std::string_view value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(value) + "\r\n";
}

std::string file(std::string_view name, std::string_view filename, std::string_view content) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"; filename=\"" +
         std::string(filename) + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" +
         std::string(content) + "\r\n";
}

/// What a form has, in words.
std::string describe(const http::Form& form) {
  std::string text;
  for (const auto& [name, value] : form.fields) text += name + '=' + value + '\n';
  for (const auto& upload : form.files) {
    text += upload.name + ": " + upload.filename + " (" + upload.content_type + ") " +
            (upload.content.in_memory() ? "in memory " : "on disk ") +
            upload.content.read_all(1 << 20) + '\n';
  }
  return text;
}

Method shows_form(http::FormLimits limits = {}) {
  return [limits = std::move(limits)](BaseHTTPRequestHandler& self) {
    send_text(self, describe(self.read_form(limits)));
  };
}

/// The answer to one request whose bytes are known beforehand.
Answer answer_to_form(const Method& method, const std::string& request, const Limits& limits = {}) {
  IdleServer server(handler<ScriptedHandler>({.method = method}), limits);
  std::string wire = serve(server, {request});
  return take_answer(wire);
}

TEST(ReadForm, urlencoded) {
  const auto answer =
      answer_to_form(shows_form(), posted_form(kUrlencoded, "a=1&b=two+words&a=%C3%A9"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "a=1\nb=two words\na=\xc3\xa9\n");
}

TEST(ReadForm, urlencoded_with_a_charset_and_nothing_in_it) {
  const auto answer = answer_to_form(
      shows_form(), posted_form("Application/X-WWW-Form-Urlencoded; charset=utf-8", ""));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST(ReadForm, multipart) {
  const auto answer = answer_to_form(
      shows_form(), posted_form(kMultipart, field("a", "1") + file("f", "C:\\x.bin", "\r\n--\r\n") +
                                                field("a", "2") + file("g", "", "") + "--B--\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "a=1\na=2\nf: x.bin (application/octet-stream) in memory \r\n--\r\n\n");
}

TEST(ReadForm, the_same_at_every_cut_point_and_in_chunks) {
  const std::string body = field("a", "1") + file("f", "x", "abc") + "--B--\r\n";
  const std::string request = posted_form(kMultipart, body);
  IdleServer server(handler<ScriptedHandler>({.method = shows_form()}));
  const std::string expected = "a=1\nf: x (application/octet-stream) in memory abc\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    std::string wire = serve(server, {request.substr(0, cut), request.substr(cut)});
    EXPECT_EQ(take_answer(wire).body, expected) << cut;
  }
  std::string chunked =
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
      "Content-Type: multipart/form-data; boundary=B\r\n\r\n";
  for (const char c : body) chunked += "1\r\n" + std::string(1, c) + "\r\n";
  std::string wire = serve(server, {chunked + "0\r\n\r\n"});
  EXPECT_EQ(take_answer(wire).body, expected);
}

TEST(ReadForm, large_files_go_to_disk_and_leave_nothing) {
  const TemporaryTree tree;
  const http::FormLimits limits{.memory_bytes = 10, .directory = tree.path()};
  const std::string large(100'000, 'x');
  const auto answer = answer_to_form(
      shows_form(limits),
      posted_form(kMultipart, file("a", "a", "12345") + file("b", "b", large) +
                                  file("c", "c", "67890") + file("d", "d", "!") + "--B--"));
  EXPECT_EQ(answer.body,
            "a: a (application/octet-stream) in memory 12345\n"
            "b: b (application/octet-stream) on disk " +
                large +
                "\n"
                "c: c (application/octet-stream) in memory 67890\n"
                "d: d (application/octet-stream) on disk !\n");
  EXPECT_TRUE(std::filesystem::is_empty(tree.path()));
}

TEST(ReadForm, over_a_limit_is_413) {
  const std::string urlencoded = posted_form(kUrlencoded, "a=1&b=2");
  const std::string multipart = posted_form(
      kMultipart, field("a", "1") + file("f", "x", "abc") + file("g", "y", "d") + "--B--");
  for (const auto& [request, limits, status] :
       std::vector<std::tuple<std::string, http::FormLimits, int>>{
           {urlencoded, {.count = 2, .field_bytes = 7}, 200},
           {urlencoded, {.count = 1}, 413},
           {urlencoded, {.field_bytes = 6}, 413},
           {multipart, {.count = 3, .files = 2, .field_bytes = 2}, 200},
           {multipart, {.count = 2}, 413},
           {multipart, {.files = 1}, 413},
           {multipart, {.field_bytes = 1}, 413},
           {multipart, {.field_bytes = 0}, 413},
       }) {
    EXPECT_EQ(answer_to_form(shows_form(limits), request).status, status);
  }
  EXPECT_EQ(answer_to_form(shows_form(), multipart, {.body_bytes = 100}).status, 413);
}

TEST(ReadForm, what_is_broken_is_400) {
  for (const std::string& body :
       {std::string("--B--").substr(0, 4), std::string("--Bx\r\n"), field("a", "1"),
        field("a\r\nb", "1") + "--B--", std::string("--B\r\n\r\n\r\n--B--"), std::string()}) {
    const auto answer = answer_to_form(shows_form(), posted_form(kMultipart, body));
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_NE(answer.body.find("form"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(answer_to_form(shows_form(), posted_form("multipart/form-data", "--B--")).status, 400);
}

TEST(ReadForm, another_type_is_415) {
  for (const auto* type : {"text/plain", "multipart/mixed; boundary=B", ""}) {
    EXPECT_EQ(answer_to_form(shows_form(), posted_form(type, "--B--")).status, 415) << type;
  }
}

TEST(ReadForm, a_disk_that_takes_nothing_is_500_and_logged) {
  LogRecorder log;
  const http::FormLimits limits{.memory_bytes = 0, .directory = "/nonexistent"};
  IdleServer server(handler<ScriptedHandler>({.method = shows_form(limits)}), {}, log.sink());
  std::string wire = serve(server, {posted_form(kMultipart, file("a", "a", "1") + "--B--")});
  EXPECT_EQ(take_answer(wire).status, 500);
  EXPECT_TRUE(log.has("/nonexistent", LogLevel::error));
  EXPECT_EQ(wire.find("/nonexistent"), std::string::npos);
}

TEST(ReadForm, a_full_disk_is_507_and_leaves_nothing) {
  const TemporaryTree tree;
  LogRecorder log;
  const http::FormLimits limits{.memory_bytes = 0, .directory = tree.path()};
  IdleServer server(handler<ScriptedHandler>({.method = shows_form(limits)}), {}, log.sink());
  const std::string request =
      posted_form(kMultipart, file("a", "a", std::string(500, 'x')) + "--B--");
  const FileSizeLimit full(100);
  std::string wire = serve(server, {request});
  EXPECT_EQ(take_answer(wire).status, 507);
  EXPECT_TRUE(log.has("write temporary file in " + tree.path(), LogLevel::error));
  EXPECT_TRUE(std::filesystem::is_empty(tree.path()));
}

TEST(ReadForm, a_client_that_leaves_in_the_middle_leaves_nothing) {
  const TemporaryTree tree;
  const http::FormLimits limits{.memory_bytes = 0, .directory = tree.path()};
  IdleServer server(handler<ScriptedHandler>({.method = shows_form(limits)}));
  std::string request = posted_form(kMultipart, file("a", "a", std::string(1000, 'x')) + "--B--");
  request.resize(request.size() - 500);
  EXPECT_THROW(serve(server, {request}), OSError);
  EXPECT_TRUE(std::filesystem::is_empty(tree.path()));
}

TEST(ReadParts, come_as_they_arrive) {
  const auto method = [](BaseHTTPRequestHandler& self) {
    std::string text;
    auto parts = self.read_parts();
    while (const http::PartHead* part = parts.next()) {
      text += part->name + ':';
      if (part->name == "skipped") continue;
      for (std::string_view piece = parts.read(); !piece.empty(); piece = parts.read()) {
        text += piece;
      }
      EXPECT_EQ(parts.read(), "");
      text += ';';
    }
    EXPECT_EQ(parts.next(), nullptr);
    send_text(self, text);
  };
  const auto answer = answer_to_form(
      method, posted_form(kMultipart, field("a", "1") + field("skipped", std::string(50'000, 's')) +
                                          file("f", "x", std::string(50'000, 'f')) + "--B--"));
  EXPECT_EQ(answer.body, "a:1;skipped:f:" + std::string(50'000, 'f') + ';');
}

TEST(ReadParts, are_a_source_of_bytes) {
  const auto method = [](BaseHTTPRequestHandler& self) {
    auto parts = self.read_parts();
    std::string text;
    while (parts.next() != nullptr) {
      Reader lines(parts, 3);
      for (const std::string& line : lines) text += '>' + line;
    }
    send_text(self, text);
  };
  const auto answer = answer_to_form(
      method, posted_form(kMultipart, field("a", "one\ntwo\n") + field("b", "three") + "--B--"));
  EXPECT_EQ(answer.body, ">one\n>two\n>three");
}

TEST(Query, is_that_of_the_path) {
  const auto answer =
      answer_to_form([](BaseHTTPRequestHandler& self) { send_text(self, self.query()["q"]); },
                     posted_form("", ""));
  EXPECT_EQ(answer.body, "a b");
}

TEST(Query, over_a_limit_is_400) {
  const auto answer = answer_to_form(
      [](BaseHTTPRequestHandler& self) {
        const http::Parameters fields = self.query({.bytes = 1});
        send_text(self, fields["q"]);
      },
      posted_form("", ""));
  EXPECT_EQ(answer.status, 400);
}

TEST(RequestError, is_answered_unless_the_response_was_begun) {
  const auto early = answer_to_form(
      [](BaseHTTPRequestHandler&) { throw http::RequestError(404, "no <such> thing"); },
      posted_form("", ""));
  EXPECT_EQ(early.status_line, "HTTP/1.1 404 Not Found");
  EXPECT_NE(early.body.find("no &lt;such&gt; thing"), std::string::npos);

  IdleServer server(handler<ScriptedHandler>({.method = [](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.end_headers();
    throw http::RequestError(404, "too late");
  }}));
  EXPECT_THROW(serve(server, {posted_form("", "")}), http::RequestError);
  EXPECT_THROW(http::RequestError(200, "fine"), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::testing
