#include <locale.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/scope_exit.hpp>
#include <socketserver/http/proto/date.hpp>

#include "packets.hpp"
#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// All that `method` sends for one GET, with the dates replaced.
std::string wire_of(std::function<void(BaseHTTPRequestHandler&)> method) {
  IdleServer server(std::move(method));
  return without_dates(serve(server, {std::string(kGet)}));
}

TEST(Response, HT_075_status_line_server_date) {
  EXPECT_EQ(wire_of([](BaseHTTPRequestHandler& self) {
              self.send_response(200);
              self.end_headers();
            }),
            "HTTP/1.1 200 OK\r\nServer: BaseHTTP/0.6 C++/20\r\nDate: now\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(Response, HT_075_date_is_now) {
  const WebServer server(echo_request);
  const auto date = http::parse_date(server.get("/").headers["Date"]);
  ASSERT_TRUE(date.has_value());
  EXPECT_NEAR(static_cast<double>(*date), static_cast<double>(::time(nullptr)), 5);
}

TEST(Response, HT_076_message) {
  const auto status_line = [](int code, std::optional<std::string_view> message) {
    std::string wire = wire_of([&](BaseHTTPRequestHandler& self) {
      self.send_response(code, message);
      self.end_headers();
    });
    return take_answer(wire).status_line;
  };
  EXPECT_EQ(status_line(200, "Fine"), "HTTP/1.1 200 Fine");
  EXPECT_EQ(status_line(299, std::nullopt), "HTTP/1.1 299 ");
  EXPECT_EQ(status_line(200, ""), "HTTP/1.1 200 ");
}

TEST(Response, HT_076_codes_of_three_digits) {
  for (const int code : {-1, 0, 99, 1000, std::numeric_limits<int>::max()}) {
    wire_of([code](BaseHTTPRequestHandler& self) {
      EXPECT_THROW(self.send_response(code), std::invalid_argument) << code;
    });
  }
}

TEST(Response, HT_077_repeated_header) {
  EXPECT_THAT(wire_of([](BaseHTTPRequestHandler& self) {
                self.send_response(200);
                self.send_header("Set-Cookie", "a=1");
                self.send_header("Other", "x");
                self.send_header("Set-Cookie", "b=2");
                self.end_headers();
              }),
              HasSubstr("\r\nSet-Cookie: a=1\r\nOther: x\r\nSet-Cookie: b=2\r\n"));
}

TEST(Response, HT_078_header_that_would_split_the_response) {
  using namespace std::string_literals;
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    EXPECT_THROW(self.send_header("Bad Name", "x"), std::invalid_argument);
    EXPECT_THROW(self.send_header("", "x"), std::invalid_argument);
    EXPECT_THROW(self.send_header("X", "a\nb"), std::invalid_argument);
    EXPECT_THROW(self.send_header("X", "a\0b"s), std::invalid_argument);
    self.send_header("X", "a\r\nSet-Cookie: evil=1");
  });
  EXPECT_EQ(server.ask(kGet), "");
  EXPECT_TRUE(server.log().has("has CR, LF or NUL", LogLevel::error));
}

TEST(Response, HT_079_header_bytes_go_as_they_are) {
  // Differs from Python: values are bytes, whatever their encoding.
  EXPECT_THAT(wire_of([](BaseHTTPRequestHandler& self) {
                self.send_response(200);
                self.send_header("X", "\xe2\x82\xac");
                self.end_headers();
              }),
              HasSubstr("\r\nX: \xe2\x82\xac\r\n"));
}

TEST(Response, HT_080_one_blank_line) {
  EXPECT_EQ(wire_of([](BaseHTTPRequestHandler& self) {
              self.send_response_only(200);
              self.send_header("Content-Length", "2");
              self.end_headers();
              self.wfile() << "ok";
            }),
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

TEST(Response, HT_081_head_and_body_are_one_write) {
  IdleServer server([](BaseHTTPRequestHandler& self) { send_text(self, "hello"); });
  const auto packets = packets_of(server, std::string(kGet));
  ASSERT_EQ(packets.size(), 1);
  EXPECT_THAT(packets.front(), EndsWith("\r\n\r\nhello"));
}

TEST(Response, HT_081_so_they_are_without_length) {
  IdleServer server(echo_request);
  EXPECT_EQ(packets_of(server, std::string(kGet)).size(), 1);
}

TEST(Response, HT_081_so_are_those_of_a_file) {
  const TemporaryTree tree;
  for (const std::size_t size : {1U, 1024U, 16'384U, 65'536U}) {
    tree.file("file", std::string(size, 'x'));
    IdleServer server([&](BaseHTTPRequestHandler& self) { self.send_file(tree.path("file")); });
    const auto packets = packets_of(server, std::string(kGet));
    ASSERT_EQ(packets.size(), 1) << size;
    EXPECT_THAT(packets.front(), EndsWith("\r\n\r\n" + std::string(size, 'x')));
  }
}

TEST(Response, HT_082_error_is_one_write) {
  IdleServer server([](BaseHTTPRequestHandler& self) { self.send_error(404); });
  EXPECT_EQ(packets_of(server, std::string(kGet)).size(), 1);
}

TEST(Response, HT_083_flush_headers_sends_them_once) {
  IdleServer server([](BaseHTTPRequestHandler& self) {
    self.send_response_only(200);
    self.send_header("Content-Length", "2");
    self.end_headers();
    self.flush_headers();
    self.flush_headers();
    self.wfile() << "ok";
  });
  EXPECT_THAT(packets_of(server, std::string(kGet)),
              ElementsAre("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok"));
}

TEST(Response, flush_sends_what_was_written) {
  IdleServer server([](BaseHTTPRequestHandler& self) {
    self.send_response_only(200);
    self.end_headers();
    self.wfile() << "one";
    self.wfile().flush();
    self.wfile() << "three";
  });
  EXPECT_THAT(packets_of(server, std::string(kGet)),
              ElementsAre("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n",
                          "5\r\nthree\r\n0\r\n\r\n"));
}

TEST(Response, large_body_without_length_is_chunked) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.end_headers();
    for (int i = 0; i < 100; ++i) self.wfile() << std::string(1000, 'x');
  });
  const Answer answer = server.get("/");
  EXPECT_EQ(answer.headers["Transfer-Encoding"], "chunked");
  EXPECT_EQ(answer.body, std::string(100'000, 'x'));

  std::string wire = server.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Answer old = take_answer(wire);
  EXPECT_FALSE(old.headers.contains("Transfer-Encoding"));
  EXPECT_FALSE(old.headers.contains("Content-Length"));
  EXPECT_EQ(old.headers["Connection"], "close");
  EXPECT_EQ(old.body, std::string(100'000, 'x'));
}

TEST(Response, handler_may_write_everything_itself) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.wfile() << "HTTP/1.1 200 Mine\r\n";
    self.wfile() << "X: y\r\n\r\n";
    self.wfile() << "body";
  });
  EXPECT_EQ(server.ask(kGet), "HTTP/1.1 200 Mine\r\nX: y\r\n\r\nbody");
  EXPECT_EQ(server.ask("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 Mine\r\nX: y\r\n\r\nbody");
}

TEST(Response, handler_may_chunk_itself) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.send_header("Transfer-Encoding", "chunked");
    self.end_headers();
    self.wfile() << "2\r\nhi\r\n0\r\n\r\n";
  });
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) {
    client.send(kGet);
    EXPECT_EQ(read_answer(client).body, "hi");
  }
}

TEST(Response, steps_out_of_order_are_misuse) {
  wire_of([](BaseHTTPRequestHandler& self) {
    EXPECT_THROW(self.send_header("X", "y"), std::logic_error);
    EXPECT_THROW(self.end_headers(), std::logic_error);
    self.send_response(200);
    EXPECT_THROW(self.wfile(), std::logic_error);
    self.end_headers();
    EXPECT_THROW(self.end_headers(), std::logic_error);
    EXPECT_THROW(self.send_header("X", "y"), std::logic_error);
    EXPECT_THROW(self.send_response(200), std::logic_error);
    EXPECT_THROW(self.send_error(500), std::logic_error);
  });
}

TEST(Response, error_instead_of_a_head_that_is_open) {
  std::string wire = wire_of([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.send_header("X-Half", "done");
    self.send_error(500);
  });
  const Answer answer = take_answer(wire);
  EXPECT_EQ(answer.status, 500);
  EXPECT_FALSE(answer.headers.contains("X-Half"));
}

TEST(Response, content_length_that_is_none) {
  for (const std::string_view length : {"", "-1", "five", "5 ", "18446744073709551616"}) {
    wire_of([length](BaseHTTPRequestHandler& self) {
      self.send_response(200);
      self.send_header("Content-Length", length);
      EXPECT_THROW(self.end_headers(), std::logic_error) << length;
      self.close_connection(true);
    });
  }
}

TEST(Response, body_longer_than_announced_is_misuse) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.send_header("Content-Length", "2");
    self.end_headers();
    self.wfile() << "abc";
  });
  EXPECT_EQ(server.ask(kGet), "");
  EXPECT_TRUE(server.log().has("longer than its Content-Length", LogLevel::error));
}

TEST(Response, body_shorter_than_announced_closes) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.send_header("Content-Length", "5");
    self.end_headers();
    self.wfile() << "abc";
  });
  EXPECT_THAT(server.ask(kGet), EndsWith("\r\n\r\nabc"));
}

TEST(Response, HT_093_server_header) {
  struct Trivial : BaseHTTPRequestHandler {
    std::string_view server_version() const override { return "TrivialHTTP/1.0"; }
    void do_GET() override { testing::send_text(*this, version_string()); }
  };
  const WebServer server(handler<Trivial>());
  const Answer answer = server.get("/");
  EXPECT_THAT(std::string(answer.headers["Server"]), StartsWith("TrivialHTTP/1.0 "));
  EXPECT_EQ(answer.body, answer.headers["Server"]);
}

TEST(Response, HT_094_date_time_string) {
  wire_of([](BaseHTTPRequestHandler& self) {
    EXPECT_EQ(self.date_time_string(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(self.date_time_string(1), "Thu, 01 Jan 1970 00:00:01 GMT");
    EXPECT_EQ(self.date_time_string(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_TRUE(http::parse_date(self.date_time_string()).has_value());
  });
}

TEST(Response, HT_095_dates_are_english) {
  // Where the locale is not installed this says little, and the next line everything else.
  const ScopeExit restore([] { ::setlocale(LC_ALL, "C"); });
  ::setlocale(LC_ALL, "de_DE.UTF-8");
  wire_of([](BaseHTTPRequestHandler& self) {
    EXPECT_EQ(self.date_time_string(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  });
}

TEST(Response, HT_096_responses) {
  const auto all = BaseHTTPRequestHandler::responses();
  EXPECT_EQ(all.size(), 62);
  EXPECT_EQ(http::find_status(413)->phrase, "Content Too Large");
  EXPECT_EQ(http::find_status(414)->phrase, "URI Too Long");
  EXPECT_EQ(http::find_status(416)->phrase, "Range Not Satisfiable");
  EXPECT_EQ(http::find_status(422)->phrase, "Unprocessable Content");
}

}  // namespace
}  // namespace socketserver::testing
