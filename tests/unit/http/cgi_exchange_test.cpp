#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/cgi_exchange.hpp>
#include <socketserver/http/server.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "web_server.hpp"

namespace socketserver::testing {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) == 0) {
      out.reset(ends[0]);
      in.reset(ends[1]);
    }
  }
  UniqueFd out;
  UniqueFd in;
};

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t got = 1; (got = ::read(fd, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// What a CGI program of this method writes to its standard output.
std::string run(std::vector<const char*> environment, const std::string& body,
                const std::function<void(BaseHTTPRequestHandler&)>& method,
                std::uint64_t body_bytes = 0) {
  Pipe input;
  Pipe output;
  EXPECT_EQ(::write(input.in.get(), body.data(), body.size()), static_cast<ssize_t>(body.size()));
  input.in.reset();
  environment.push_back(nullptr);
  http::CGIExchange exchange(environment.data(), input.out.get(), output.in.get(), body_bytes);
  const Script script{.method = method};
  ScriptedHandler handler(script);
  ServerOptions options;
  options.bind_and_activate = false;
  options.log = nullptr;
  HTTPServer server(
      {"127.0.0.1", 0}, [](BaseHTTPRequestHandler&) {}, options);
  handler.serve(exchange, exchange.client_address(), server);
  output.in.reset();
  return read_all(output.out.get());
}

TEST(CGIExchange, carries_a_request_and_its_response) {
  const std::string answer =
      run({"REQUEST_METHOD=POST", "REQUEST_URI=//app/a%20b?c", "CONTENT_TYPE=text/plain",
           "CONTENT_LENGTH=4", "HTTP_USER_AGENT=curl", "HTTP_X_A=1", "HTTP_PROXY=evil", "PATH=/bin",
           "HTTP_BAD=a\nb", "REMOTE_ADDR=192.0.2.7"},
          "bodyrest", [](BaseHTTPRequestHandler& self) {
            EXPECT_EQ(self.client_address().host(), "192.0.2.7");
            EXPECT_EQ(self.headers()["User-Agent"], "curl");
            EXPECT_EQ(self.headers()["X-A"], "1");
            EXPECT_EQ(self.headers()["Content-Type"], "text/plain");
            EXPECT_FALSE(self.headers().contains("Proxy"));
            EXPECT_FALSE(self.headers().contains("Bad"));
            EXPECT_EQ(self.path(), "/app/a%20b?c");
            self.send_text(201, self.rfile().read_all(10));
          });
  EXPECT_EQ(answer,
            "Status: 201 Created\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 4\r\n\r\nbody");
}

TEST(CGIExchange, path_is_made_of_its_parts_without_a_uri) {
  const auto path = [](std::vector<const char*> environment) {
    environment.push_back("REQUEST_METHOD=HEAD");
    std::string seen;
    run(environment, "", [&](BaseHTTPRequestHandler& self) {
      seen = self.path();
      self.send_text("");
    });
    return seen;
  };
  EXPECT_EQ(path({"SCRIPT_NAME=/cgi/app", "PATH_INFO=/a b", "QUERY_STRING=c=d"}),
            "/cgi/app/a%20b?c=d");
  EXPECT_EQ(path({"REQUEST_URI=http://x/"}), "/");
  EXPECT_EQ(path({}), "/");
}

TEST(CGIExchange, head_has_no_body) {
  const std::string answer =
      run({"REQUEST_METHOD=HEAD"}, "", [](auto& self) { self.send_text("hello"); });
  EXPECT_TRUE(answer.ends_with("Content-Length: 5\r\n\r\n"));
}

TEST(CGIExchange, a_body_over_the_limit_is_413) {
  const std::string answer = run(
      {"REQUEST_METHOD=POST", "CONTENT_LENGTH=5"}, "12345",
      [](BaseHTTPRequestHandler& self) { self.send_text(self.rfile().read_all(100)); }, 4);
  EXPECT_TRUE(answer.starts_with("Status: 413 "));
}

TEST(CGIExchange, a_body_that_ends_early_is_an_error) {
  EXPECT_THROW(run({"REQUEST_METHOD=POST", "CONTENT_LENGTH=5"}, "123",
                   [](BaseHTTPRequestHandler& self) { self.rfile().read_all(100); }),
               OSError);
}

TEST(CGIExchange, a_web_server_that_is_gone_is_an_error_and_no_signal) {
  Pipe output;
  output.out.reset();
  const std::array<const char*, 2> environment = {"REQUEST_METHOD=GET", nullptr};
  http::CGIExchange exchange(environment.data(), -1, output.in.get(), 0);
  EXPECT_THROW(exchange.begin_response({}), OSError);
}

TEST(CGIExchange, an_environment_of_something_else_is_refused) {
  const auto nothing = [](BaseHTTPRequestHandler&) {};
  EXPECT_THROW(run({}, "", nothing), std::runtime_error);
  EXPECT_THROW(run({"REQUEST_METHOD=a b"}, "", nothing), std::runtime_error);
  EXPECT_THROW(run({"REQUEST_METHOD=GET", "CONTENT_LENGTH=x"}, "", nothing), std::runtime_error);
  EXPECT_THROW(run({"REQUEST_METHOD=GET", "CONTENT_LENGTH=-1"}, "", nothing), std::runtime_error);
}

}  // namespace
}  // namespace socketserver::testing
