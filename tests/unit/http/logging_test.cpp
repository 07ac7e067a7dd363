#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/memory_exchange.hpp>

#include "scripted_peer.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

/// Answers, and logs nothing.
void answer_silently(BaseHTTPRequestHandler& self) {
  self.send_response_only(204);
  self.end_headers();
}

/// What is logged while `method` serves one GET.
std::vector<std::string> log_of(std::function<void(BaseHTTPRequestHandler&)> method,
                                std::string request = std::string(kGet)) {
  const LogRecorder log;
  IdleServer server(std::move(method), {}, log.sink());
  serve(server, {std::move(request)});
  return log.messages(LogLevel::debug);
}

TEST(Logging, HT_097_request_line) {
  EXPECT_THAT(
      log_of([](BaseHTTPRequestHandler& self) { send_text(self, "hi"); }),
      ElementsAre(MatchesRegex("127\\.0\\.0\\.1 - - \\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4} "
                               "[0-9]{2}:[0-9]{2}:[0-9]{2}\\] \"GET / HTTP/1\\.1\" 200 -")));
}

TEST(Logging, HT_098_error) {
  EXPECT_THAT(log_of([](BaseHTTPRequestHandler& self) { self.send_error(404, "File not found"); },
                     "ERROR / HTTP/1.1\r\nHost: x\r\n\r\n"),
              ElementsAre(EndsWith("] code 404, message File not found"),
                          EndsWith("] \"ERROR / HTTP/1.1\" 404 -")));
}

TEST(Logging, HT_099_log_request) {
  EXPECT_THAT(
      log_of([](BaseHTTPRequestHandler& self) {
        self.log_request();
        self.log_request(200, 5);
        answer_silently(self);
      }),
      ElementsAre(EndsWith("] \"GET / HTTP/1.1\" - -"), EndsWith("] \"GET / HTTP/1.1\" 200 5")));
}

TEST(Logging, HT_100_message_is_no_format) {
  EXPECT_THAT(log_of([](BaseHTTPRequestHandler& self) {
                self.log_message("a%s%n{}b%c");
                answer_silently(self);
              }),
              ElementsAre(EndsWith("] a%s%n{}b%c")));
}

TEST(Logging, HT_101_control_characters) {
  using namespace std::string_literals;
  EXPECT_THAT(log_of([](BaseHTTPRequestHandler& self) {
                self.log_message("\x1b \0 \x7f \x9f \xa0 \\ \r\n"s);
                answer_silently(self);
              }),
              ElementsAre(EndsWith("] \\x1b \\x00 \\x7f \\x9f \xa0 \\\\ \\x0d\\x0a")));
}

TEST(Logging, HT_102_override) {
  struct Silent : BaseHTTPRequestHandler {
    void log_message(std::string_view) override {}
    void do_GET() override { send_error(404); }
  };
  const LogRecorder log;
  IdleServer server(handler<Silent>(), {}, log.sink());
  serve(server, {std::string(kGet)});
  EXPECT_THAT(log.messages(LogLevel::debug), IsEmpty());
}

TEST(Logging, HT_103_one_message_per_line) {
  constexpr int kThreads = 50;
  constexpr int kLines = 20;
  WebServer server([](BaseHTTPRequestHandler& self) {
    for (int i = 0; i < kLines; ++i) self.log_message(std::string(100, 'x'));
    send_text(self, "");
  });
  std::vector<std::thread> clients;
  for (int i = 0; i < kThreads; ++i) clients.emplace_back([&] { server.get("/"); });
  for (std::thread& client : clients) client.join();

  int whole = 0;
  for (const std::string& message : server.log().messages()) {
    if (message.ends_with("] " + std::string(100, 'x'))) ++whole;
  }
  EXPECT_EQ(whole, kThreads * kLines);
}

TEST(Logging, HT_104_code_is_a_number) {
  EXPECT_THAT(log_of([](BaseHTTPRequestHandler& self) {
                self.send_response(301);
                self.end_headers();
              }),
              ElementsAre(EndsWith("\" 301 -")));
}

TEST(Logging, HT_105_address_string) {
  log_of([](BaseHTTPRequestHandler& self) { EXPECT_EQ(self.address_string(), "127.0.0.1"); });
}

TEST(Logging, a_client_of_a_unix_socket_has_a_column) {
  const Script script{.method = answer_silently};
  ScriptedHandler handler(script);
  IdleServer server(answer_silently, {}, [](LogLevel, std::string_view) {});
  http::MemoryExchange exchange({});
  const Address client = Address::unix_path("/run/client");  // looked at behind the end, too
  handler.serve(exchange, client, server);
  EXPECT_EQ(handler.address_string(), "unix:");
}

/// Answers as its path says, and keeps what `log_answer` is told.
struct Summed : BaseHTTPRequestHandler {
  explicit Summed(std::vector<http::AnswerSummary>* kept) : answers(kept) {}

  void do_GET() override {
    if (path() == "/nothing") return;
    if (path() == "/throw") {
      send_response(200);
      send_header("Content-Length", "5");
      end_headers();
      wfile() << "ab";
      throw std::runtime_error("x");
    }
    if (path() == "/error") return send_error(404);
    send_response(200);
    if (path() == "/length") send_header("Content-Length", "40000");
    end_headers();
    wfile() << std::string(path() == "/short" ? 5 : 40'000, 'x');
  }
  void do_HEAD() override { do_GET(); }

  void log_answer(const http::AnswerSummary& answer) override { answers->push_back(answer); }

  std::vector<http::AnswerSummary>* answers;
};

std::vector<std::string> summaries_of(const std::string& request) {
  std::vector<http::AnswerSummary> answers;
  const LogRecorder log;
  IdleServer server(handler<Summed>(&answers), {}, log.sink());
  try {
    serve(server, {request});
  } catch (const std::runtime_error&) {
    // What is sent of an answer that failed counts too.
  }
  std::vector<std::string> texts;
  for (const auto& answer : answers) {
    EXPECT_GE(answer.duration(), Duration::zero());
    texts.push_back(std::to_string(answer.status) + ' ' + std::to_string(answer.body_bytes));
  }
  return texts;
}

TEST(Logging, log_answer_has_status_and_size) {
  const auto request = [](const std::string& line) {
    return line + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  EXPECT_THAT(summaries_of(request("GET /short")), ElementsAre("200 5"));
  EXPECT_THAT(summaries_of(request("GET /length")), ElementsAre("200 40000"));
  EXPECT_THAT(summaries_of(request("GET /chunks")), ElementsAre("200 40000"));
  EXPECT_THAT(summaries_of(request("HEAD /short")), ElementsAre("200 0"));
  EXPECT_THAT(summaries_of(request("GET /short") + request("GET /length")),
              ElementsAre("200 5", "200 40000"));
  EXPECT_THAT(summaries_of("GET /short HTTP/1.0\r\n\r\n"), ElementsAre("200 5"));
}

TEST(Logging, log_answer_of_what_went_wrong) {
  EXPECT_THAT(summaries_of("GET /error HTTP/1.1\r\nHost: x\r\n\r\n"),
              ElementsAre(StartsWith("404 ")));
  EXPECT_THAT(summaries_of("GET / HTTP/1.1\r\n\r\n"), ElementsAre(StartsWith("400 ")));
  EXPECT_THAT(summaries_of("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"), ElementsAre("200 2"));
  EXPECT_THAT(summaries_of("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"), IsEmpty());
  EXPECT_THAT(summaries_of(""), IsEmpty());
}

TEST(Logging, log_date_is_local_time) {
  log_of([](BaseHTTPRequestHandler& self) {
    EXPECT_THAT(self.log_date_time_string(),
                MatchesRegex("[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}"));
  });
}

}  // namespace
}  // namespace socketserver::testing
