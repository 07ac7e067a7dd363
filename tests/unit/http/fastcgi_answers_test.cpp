// What becomes of what a FastCGI application answers, however it does that.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <latch>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/testing/wait.hpp>

#include "cgi_site.hpp"
#include "fastcgi_app.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kScriptHead = "Content-Type: text/plain\r\n\r\n";
constexpr std::string_view kLastQuestion =
    "GET /app HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

class FastCGIAnswers : public ::testing::Test {
 protected:
  StreamHandler handler(const Address& application) const {
    CGIHTTPOptions options;
    options.fastcgi_applications = {{"/app", application}};
    return site.handler(options);
  }

  /// The answer to a request by an application that sends `wire`, and then closes its connection.
  Answer answer_of(const std::string& wire) {
    const FastCGIApp app([&wire](const FastCGIQuestion&) { return wire; });
    return WebServer(handler(app.address())).get("/app");
  }

  static std::string post(std::string_view body) {
    return "POST /app HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
  }

  CGISite site;
};

TEST_F(FastCGIAnswers, head_is_that_of_scripts) {
  Answer answer = answer_of(fastcgi_text("hello"));
  EXPECT_EQ(answer.status_line, "HTTP/1.1 200 Script output follows");
  EXPECT_EQ(answer.headers["Content-Type"], "text/plain");
  EXPECT_EQ(answer.headers["Content-Length"], "5");
  EXPECT_EQ(answer.body, "hello");

  answer = answer_of(fastcgi_output("Status: 404 Gone fishing\nSet-Cookie: a\nSet-Cookie: b\n"
                                    "Server: mine\nTransfer-Encoding: chunked\n\nno") +
                     fastcgi_end());
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 Gone fishing");
  EXPECT_EQ(answer.headers.get_all("Set-Cookie").size(), 2U);
  EXPECT_NE(answer.headers["Server"], "mine");
  EXPECT_EQ(answer.body, "no");
}

TEST_F(FastCGIAnswers, before_the_head_what_is_no_answer_is_502) {
  struct Row {
    std::string wire;
    std::string_view log;
  };
  const std::vector<Row> rows = {
      {"", "has closed its connection too early"},
      {"HTTP/1.1 200 OK\r\n\r\n", "has sent a record of another version"},
      {fastcgi_record(11, "12345678"), "has sent a record of a type that no answer has"},
      {"\1\6\0\2\0\0\0\0"s, "has sent a record of another request"},
      {"\1\6\0\0\0\0\0\0"s, "has sent a record of another request"},
      {fastcgi_end(), "has sent no head"},
      {fastcgi_end() + fastcgi_text("late"), "has sent no head"},
      {fastcgi_output("") + fastcgi_end(), "has sent no head"},
      {fastcgi_output(kScriptHead.substr(0, 20)) + fastcgi_end(), "has sent no head"},
      {fastcgi_output(kScriptHead.substr(0, 20)), "has closed its connection too early"},
      {fastcgi_text("x").substr(0, 12), "has closed its connection too early"},
      {fastcgi_output("no head\n\n") + fastcgi_end(), "'s output begins with a line without colon"},
      {fastcgi_output(std::string(200'000, 'x')), "'s output begins with a head that is too large"},
      {fastcgi_end(3), "is no responder"},
      {fastcgi_end(9), "has sent an end of an unknown kind"},
  };
  for (const Row& row : rows) {
    const FastCGIApp app([&row](const FastCGIQuestion&) { return row.wire; });
    WebServer server(handler(app.address()));
    EXPECT_EQ(server.get("/app").status, 502) << row.log;
    const std::string name = "FastCGI application " + app.address().to_string();
    const bool is_of_output = row.log.starts_with('\'');
    EXPECT_TRUE(server.log().has(name + (is_of_output ? "" : " ") + std::string(row.log)))
        << row.log;
  }
}

TEST_F(FastCGIAnswers, overload_is_503) {
  for (const char status : {'\1', '\2'}) EXPECT_EQ(answer_of(fastcgi_end(status)).status, 503);
}

TEST_F(FastCGIAnswers, behind_the_head_the_connection_is_cut) {
  const std::string begun = fastcgi_output(kScriptHead + "begun");
  for (const std::string& wire :
       {begun, begun + "no record", begun + fastcgi_record(11, "12345678"),
        begun + fastcgi_output("") + fastcgi_output("more"), begun + fastcgi_end(2),
        begun + fastcgi_end().substr(0, 10)}) {
    const FastCGIApp app([&wire](const FastCGIQuestion&) { return wire; });
    WebServer server(handler(app.address()));
    const std::string answer = server.ask(kLastQuestion);
    EXPECT_THAT(answer, Not(HasSubstr("\r\n0\r\n\r\n")));
    EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
    EXPECT_TRUE(server.is_well());
  }
}

TEST_F(FastCGIAnswers, an_answer_with_a_length_is_known_to_be_whole) {
  const FastCGIApp app([](const FastCGIQuestion&) {
    return fastcgi_output("Content-Length: 5\n" + kScriptHead + "hello");  // and no end
  });
  WebServer server(handler(app.address()));
  EXPECT_EQ(server.get("/app").body, "hello");
  EXPECT_TRUE(server.log().has("closed its connection too early"));
}

TEST_F(FastCGIAnswers, more_and_less_than_announced) {
  EXPECT_EQ(
      answer_of(fastcgi_output("Content-Length: 2\n" + kScriptHead + "hello") + fastcgi_end()).body,
      "he");
  const FastCGIApp app([](const FastCGIQuestion&) {
    return fastcgi_output("Content-Length: 9\n" + kScriptHead + "hello") + fastcgi_end();
  });
  WebServer server(handler(app.address()));
  EXPECT_TRUE(server.ask(kLastQuestion).ends_with("hello"));
  EXPECT_TRUE(server.log().has("ended 4 bytes before its Content-Length"));
}

TEST_F(FastCGIAnswers, what_follows_the_end_reaches_nobody) {
  const FastCGIApp app(
      [](const FastCGIQuestion&) { return fastcgi_text("whole") + fastcgi_text("evil"); });
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  for (int i = 0; i < 3; ++i) {
    client.send("GET /app HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(read_answer(client).body, "whole");
  }
}

TEST_F(FastCGIAnswers, records_in_any_pieces) {
  const std::string wire = fastcgi_errors("oh\n") + fastcgi_text("hello");
  const FastCGIApp app(FastCGIApp::Serve([&wire](Socket& connection) {
    FastCGIApp::receive(connection);
    connection.set_nodelay(true);
    for (const char c : wire) connection.sendall({&c, 1});
  }));
  EXPECT_EQ(WebServer(handler(app.address())).get("/app").body, "hello");
}

TEST_F(FastCGIAnswers, local_redirects) {
  site.file("page.html", "the page");
  const FastCGIApp app([](const FastCGIQuestion& question) {
    const std::string& info = question.variables.at("PATH_INFO");
    if (info == "/told") return tell_fastcgi_question(question);
    const std::string place = info == "/page" ? "/page.html" : info == "/on" ? "/app/told" : "/app";
    return fastcgi_output("Location: " + place + "\n\n") + fastcgi_end();
  });
  WebServer server(handler(app.address()));
  EXPECT_EQ(server.get("/app/page").body, "the page");
  EXPECT_EQ(server.get("/app/loop").status, 500);
  std::string wire = server.ask("PUT /app/on HTTP/1.0\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(variable(take_answer(wire).body, "REQUEST_METHOD"), "GET");
}

TEST_F(FastCGIAnswers, errors_go_to_the_log_line_by_line) {
  const FastCGIApp app([](const FastCGIQuestion&) {
    return fastcgi_errors("first\r\nsec") + fastcgi_errors("ond\n\n\x1b[31mred\n") +
           fastcgi_errors(std::string(5000, 'x')) + fastcgi_text("hello");
  });
  WebServer server(handler(app.address()));
  EXPECT_EQ(server.get("/app").body, "hello");
  const std::string name = "FastCGI application " + app.address().to_string() + ": ";
  std::vector<std::string> lines;
  for (const std::string& message : server.log().messages()) {
    const std::size_t at = message.find(name);
    if (at != message.npos) lines.push_back(message.substr(at + name.size()));
    EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(lines, ::testing::ElementsAre("first", "second", "\\x1b[31mred",
                                            std::string(4096, 'x'), std::string(904, 'x')));
}

TEST_F(FastCGIAnswers, errors_without_end_are_not_logged_without_end) {
  const FastCGIApp app([](const FastCGIQuestion&) {
    std::string wire;
    for (int i = 0; i < 100; ++i) wire += fastcgi_errors(std::string(9'999, 'x') + '\n');
    return wire + fastcgi_text("hello");
  });
  WebServer server(handler(app.address()));
  EXPECT_EQ(server.get("/app").body, "hello");
  std::size_t logged = 0;
  for (const std::string& message : server.log().messages()) logged += message.size();
  EXPECT_LT(logged, 80'000U);
  EXPECT_TRUE(server.log().has("has more to say, which is not logged"));
}

TEST_F(FastCGIAnswers, exit_status_is_logged) {
  const FastCGIApp app([](const FastCGIQuestion&) {
    return fastcgi_output(kScriptHead + "hello") + fastcgi_end(0, 7);
  });
  WebServer server(handler(app.address()));
  EXPECT_EQ(server.get("/app").body, "hello");
  EXPECT_TRUE(server.log().has(": exit code 7"));
}

TEST_F(FastCGIAnswers, nobody_there) {
  const std::string missing = site.path("none.sock");
  WebServer server(handler(Address::unix_path(missing)));
  EXPECT_EQ(server.get("/app").status, 502);
  EXPECT_TRUE(server.log().has("connect unix:" + missing + ": No such file or directory"));

  Socket closed = Socket::open(AddressFamily::inet, SocketType::stream);
  closed.bind({"127.0.0.1", 0});  // and does not listen
  WebServer refused(handler(closed.getsockname()));
  EXPECT_EQ(refused.get("/app").status, 502);
  EXPECT_TRUE(
      refused.log().has("connect " + closed.getsockname().to_string() + ": Connection refused"));
}

TEST_F(FastCGIAnswers, nobody_who_accepts) {
  // A queue of one that is full: Unix sockets say so, others let wait.
  Socket busy = Socket::open(AddressFamily::unix_domain, SocketType::stream);
  busy.bind(Address::unix_path(site.path("busy.sock")));
  busy.listen(0);
  const Socket first = Socket::connect(busy.getsockname());
  EXPECT_EQ(WebServer(handler(busy.getsockname())).get("/app").status, 503);

  Socket full = Socket::open(AddressFamily::inet, SocketType::stream);
  full.bind({"127.0.0.1", 0});
  full.listen(0);
  const Socket in_queue = Socket::connect(full.getsockname());
  Limits limits;
  limits.cgi_timeout = 100ms;
  WebServer server(handler(full.getsockname()), limits);
  EXPECT_EQ(server.get("/app").status, 504);
  EXPECT_TRUE(server.log().has("connect " + full.getsockname().to_string()));
}

TEST_F(FastCGIAnswers, over_TCP) {
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind({"127.0.0.1", 0});
  listener.listen(1);
  const std::jthread app([&listener] {
    Socket connection = FastCGIApp::accept(listener, Deadline::after(kPatience));
    connection.sendall(tell_fastcgi_question(FastCGIApp::receive(connection)));
  });
  const Answer answer = WebServer(handler(listener.getsockname())).get("/app/x");
  EXPECT_EQ(variable(answer.body, "PATH_INFO"), "/x");
}

TEST_F(FastCGIAnswers, silence) {
  Limits short_limits;
  short_limits.cgi_timeout = 100ms;
  Limits limits;
  limits.cgi_timeout = 2s;
  const FastCGIApp app(FastCGIApp::Serve([](Socket& connection) {
    const bool begins = FastCGIApp::receive(connection).variables.at("PATH_INFO") == "/begun";
    if (begins) connection.sendall(fastcgi_output(kScriptHead + "begun"));
    connection.recv(1);  // the end, when the server gives up
  }));
  WebServer hasty(handler(app.address()), short_limits);
  EXPECT_EQ(hasty.get("/app/silent").status, 504);
  EXPECT_TRUE(hasty.log().has("given up: it took too long"));
  WebServer server(handler(app.address()), limits);
  const std::string wire = server.ask("GET /app/begun HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(wire, HasSubstr("begun"));
  EXPECT_THAT(wire, Not(HasSubstr("\r\n0\r\n\r\n")));
}

TEST_F(FastCGIAnswers, busy_without_end) {
  Limits limits;
  limits.cgi_total_timeout = 300ms;
  for (const std::string& piece : {fastcgi_errors("x\n"), fastcgi_output("X: y\n"),
                                   fastcgi_record(7, ""), fastcgi_record(6, "")}) {
    const FastCGIApp app(FastCGIApp::Serve([&piece](Socket& connection) {
      FastCGIApp::receive(connection);
      for (;;) connection.sendall(piece);
    }));
    const int status = WebServer(handler(app.address()), limits).get("/app").status;
    EXPECT_TRUE(status == 504 || status == 502) << status;
  }
}

TEST_F(FastCGIAnswers, too_much_output) {
  Limits limits;
  limits.cgi_output_bytes = 100'000;
  const FastCGIApp app(FastCGIApp::Serve([](Socket& connection) {
    FastCGIApp::receive(connection);
    connection.sendall(fastcgi_output(kScriptHead));
    for (;;) connection.sendall(fastcgi_output(std::string(1000, 'x')));
  }));
  WebServer server(handler(app.address()), limits);
  EXPECT_LT(server.ask(kLastQuestion).size(), 110'000U);
  server.log().wait_for("given up: it wrote too much");
}

TEST_F(FastCGIAnswers, who_speaks_first_and_listens_later) {
  // More than all socket buffers on the way hold together. The application sends back what comes
  // as it comes; the client listens only when it has sent all.
  const FastCGIApp app(FastCGIApp::Serve([](Socket& connection) {
    const std::string head = connection.recv(8);
    connection.sendall(fastcgi_output(kScriptHead));
    const FastCGIQuestion rest = FastCGIApp::receive(connection);
    connection.sendall(fastcgi_output(rest.body) + fastcgi_end());
  }));
  const std::string body(std::size_t{24} << 20, 'a');
  WebServer server(handler(app.address()));
  const std::string wire = server.ask(post(body));
  EXPECT_TRUE(wire.ends_with("\r\n\r\n" + body)) << wire.size();
}

TEST_F(FastCGIAnswers, body_is_streamed) {
  // The application wants the first half before the client sends the second.
  std::latch first_half(1);
  const FastCGIApp app(FastCGIApp::Serve([&](Socket& connection) {
    std::string got;
    while (!got.ends_with("first")) got += connection.recv(1);
    first_half.count_down();
    while (!got.ends_with("second\1\5\0\1\0\0\0\0"s)) got += connection.recv(1);
    connection.sendall(fastcgi_text("both"));
  }));
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  client.send("POST /app HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nfirst");
  first_half.wait();
  client.send("second");
  EXPECT_EQ(read_answer(client).body, "both");
}

TEST_F(FastCGIAnswers, answer_is_streamed) {
  std::latch seen(1);
  const FastCGIApp app(FastCGIApp::Serve([&seen](Socket& connection) {
    FastCGIApp::receive(connection);
    connection.sendall(fastcgi_output(kScriptHead + "begun"));
    seen.wait();
    connection.sendall(fastcgi_output("ended") + fastcgi_end());
  }));
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  client.send(kLastQuestion);
  client.read_until("begun");
  seen.count_down();
  EXPECT_THAT(client.read_all(), HasSubstr("ended\r\n0\r\n\r\n"));
}

TEST_F(FastCGIAnswers, an_application_that_takes_nothing_holds_its_client_up) {
  std::atomic<bool> seen_all = false;
  const FastCGIApp app(FastCGIApp::Serve([&](Socket& connection) {
    connection.recv(1);
    seen_all.wait(false);
  }));
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  client.send("POST /app HTTP/1.1\r\nHost: x\r\nContent-Length: 60000000\r\n\r\n");
  // The sockets take a few megabytes, and the server a block: never all.
  std::size_t sent = 0;
  const std::string block(100'000, 'x');
  const std::string_view view = block;
  for (;;) {
    const IoResult result = client.socket().write_some({&view, 1}, Deadline::after(300ms));
    if (result.ec) break;
    sent += result.n;
  }
  EXPECT_LT(sent, 40'000'000U);
  seen_all = true;
  seen_all.notify_all();
}

TEST_F(FastCGIAnswers, an_application_that_reads_nothing_of_the_body) {
  const FastCGIApp app(FastCGIApp::Serve([](Socket& connection) {
    connection.recv(1);
    connection.sendall(fastcgi_text("refused"));
  }));
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  client.send("POST /app HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n" +
              std::string(1'000'000, 'x'));
  EXPECT_EQ(read_answer(client).body, "refused");
}

TEST_F(FastCGIAnswers, body_in_chunks_has_a_length) {
  const FastCGIApp app(tell_fastcgi_question);
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  client.send(
      "POST /app HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  const std::string said = read_answer(client).body;
  EXPECT_EQ(variable(said, "CONTENT_LENGTH"), "11");
  EXPECT_TRUE(said.ends_with("\nhello world"));
}

TEST_F(FastCGIAnswers, client_that_is_gone_ends_it) {
  std::latch begun(1);
  std::latch over(1);
  const FastCGIApp app(FastCGIApp::Serve([&](Socket& connection) {
    FastCGIApp::receive(connection);
    begun.count_down();
    EXPECT_EQ(connection.recv(1), "");
    over.count_down();
  }));
  WebServer server(handler(app.address()));
  RawClient client = server.connect();
  client.send(kLastQuestion);
  begun.wait();
  client.reset();
  over.wait();
  server.log().wait_for("given up: the client is gone");
}

TEST_F(FastCGIAnswers, requests_at_once_are_counted_as_scripts) {
  std::latch begun(1);
  std::latch go_on(1);
  const FastCGIApp app([&](const FastCGIQuestion&) {
    begun.count_down();
    go_on.wait();
    return fastcgi_text("hello");
  });
  Limits limits;
  limits.cgi_processes = 1;
  WebServer server(handler(app.address()), limits);
  RawClient client = server.connect();
  client.send(kLastQuestion);
  begun.wait();
  const Answer answer = server.get("/app");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers["Retry-After"], "1");
  go_on.count_down();
  EXPECT_EQ(read_answer(client).body, "hello");
}

}  // namespace
}  // namespace socketserver::testing
