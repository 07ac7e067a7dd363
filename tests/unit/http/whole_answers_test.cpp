#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/base_handler.hpp>
#include <stdexcept>
#include <string>

#include "answer.hpp"
#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using Method = std::function<void(BaseHTTPRequestHandler&)>;

Answer whole_answer(const Method& method, const std::string& verb = "GET",
                    const std::string& headers = {}) {
  IdleServer server(handler<ScriptedHandler>({.method = method}));
  std::string wire =
      serve(server, {verb + " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n"});
  const Answer answer = take_answer(wire, verb);
  EXPECT_EQ(wire, "") << "more than the answer";
  return answer;
}

TEST(SendText, has_type_and_length) {
  const auto answer = whole_answer([](BaseHTTPRequestHandler& self) { self.send_text("hello"); });
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["Content-Type"], "text/plain; charset=utf-8");
  EXPECT_EQ(answer.headers["Content-Length"], "5");
  EXPECT_EQ(answer.body, "hello");
}

TEST(SendText, with_code_and_type) {
  const auto answer =
      whole_answer([](BaseHTTPRequestHandler& self) { self.send_text(418, "<p>", "text/html"); });
  EXPECT_EQ(answer.status, 418);
  EXPECT_EQ(answer.headers["Content-Type"], "text/html");
}

TEST(SendText, to_head_has_the_head_alone) {
  const auto answer =
      whole_answer([](BaseHTTPRequestHandler& self) { self.send_text("hello"); }, "HEAD");
  EXPECT_EQ(answer.headers["Content-Length"], "5");
}

TEST(SendText, without_content_is_without_length) {
  const auto answer = whole_answer([](BaseHTTPRequestHandler& self) { self.send_text(204, ""); });
  EXPECT_EQ(answer.status, 204);
  EXPECT_FALSE(answer.headers.contains("Content-Length"));
}

TEST(SendJson, is_a_text_of_that_type) {
  const auto answer = whole_answer([](BaseHTTPRequestHandler& self) { self.send_json("[1]"); });
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["Content-Type"], "application/json");
  EXPECT_EQ(answer.body, "[1]");
  EXPECT_EQ(whole_answer([](auto& self) { self.send_json(409, "{}"); }).status, 409);
}

class SendFile : public ::testing::Test {
 protected:
  SendFile() {
    tree_.file("a.html", "0123456789");
    tree_.modified_at("a.html", 1'000'000'000);
    tree_.directory("directory");
    tree_.fifo("pipe");
  }

  Method sends(const std::string& name, std::string type = {}) {
    return [path = tree_.path(name), type = std::move(type)](BaseHTTPRequestHandler& self) {
      self.send_file(path, type);
    };
  }

  TemporaryTree tree_;
};

TEST_F(SendFile, has_type_length_and_validators) {
  const auto answer = whole_answer(sends("a.html"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["Content-Type"], "text/html");
  EXPECT_EQ(answer.headers["Content-Length"], "10");
  EXPECT_EQ(answer.headers["Accept-Ranges"], "bytes");
  EXPECT_EQ(answer.headers["Last-Modified"], "Sun, 09 Sep 2001 01:46:40 GMT");
  EXPECT_TRUE(answer.headers["ETag"].starts_with('"'));
  EXPECT_EQ(answer.body, "0123456789");
  EXPECT_EQ(whole_answer(sends("a.html", "text/x-own")).headers["Content-Type"], "text/x-own");
}

TEST_F(SendFile, to_head_has_the_head_alone) {
  EXPECT_EQ(whole_answer(sends("a.html"), "HEAD").headers["Content-Length"], "10");
}

TEST_F(SendFile, honours_conditions_and_ranges) {
  const std::string tag(whole_answer(sends("a.html")).headers["ETag"]);
  EXPECT_EQ(whole_answer(sends("a.html"), "GET", "If-None-Match: " + tag + "\r\n").status, 304);
  EXPECT_EQ(whole_answer(sends("a.html"), "GET", "If-Match: \"other\"\r\n").status, 412);
  const auto part = whole_answer(sends("a.html"), "GET", "Range: bytes=2-4\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.headers["Content-Range"], "bytes 2-4/10");
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(whole_answer(sends("a.html"), "GET", "Range: bytes=10-\r\n").status, 416);
  const auto parts = whole_answer(sends("a.html"), "GET", "Range: bytes=0-0,9-9\r\n");
  EXPECT_TRUE(parts.headers["Content-Type"].starts_with("multipart/byteranges"));
}

TEST_F(SendFile, fields_go_with_it) {
  http::Headers fields;
  fields.add("Content-Disposition", "attachment");
  const Method method = [&](BaseHTTPRequestHandler& self) {
    self.send_file(tree_.path("a.html"), {}, fields);
  };
  const auto answer = whole_answer(method);
  EXPECT_EQ(answer.headers["Content-Disposition"], "attachment");
  const auto same =
      whole_answer(method, "GET", "If-None-Match: " + std::string(answer.headers["ETag"]) + "\r\n");
  EXPECT_EQ(same.headers["Content-Disposition"], "attachment");
}

TEST_F(SendFile, what_is_no_file_is_404) {
  for (const auto* name : {"absent", "directory", "pipe", "a.html/x"}) {
    EXPECT_EQ(whole_answer(sends(name)).status, 404) << name;
  }
}

TEST_F(SendFile, open_descriptor_is_sent_from_its_beginning) {
  const UniqueFd file(::open(tree_.path("a.html").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(file.get(), 3, SEEK_SET), 3);
  const auto answer =
      whole_answer([&](BaseHTTPRequestHandler& self) { self.send_file(file.get(), "text/plain"); });
  EXPECT_EQ(answer.body, "0123456789");
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 3);
}

TEST_F(SendFile, descriptor_of_something_else_is_misuse) {
  const UniqueFd directory(::open(tree_.path().c_str(), O_RDONLY | O_CLOEXEC));
  for (const int fd : {directory.get(), -1}) {
    EXPECT_THROW(
        whole_answer([&](BaseHTTPRequestHandler& self) { self.send_file(fd, "text/plain"); }),
        std::invalid_argument);
  }
}

}  // namespace
}  // namespace socketserver::testing
