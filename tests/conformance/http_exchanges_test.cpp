#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/http/simple_handler.hpp>

#include "exchange.hpp"
#include "tests/unit/http/scripted_peer.hpp"
#include "tests/unit/http/temporary_tree.hpp"
#include "tests/unit/http/web_server.hpp"

// RFC 9110 and RFC 9112 as tables: what is sent, what comes of it. Each exchange must have the same
// outcome in one piece, cut in two at any place, byte by byte, and over a real connection; the
// request that follows it must be seen as it was sent, or not at all.

namespace socketserver::testing {
namespace {

const std::filesystem::path kTables = "tests/conformance/http_exchanges";

constexpr std::string_view kProbe =
    "GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";

/// Longer exchanges are cut at fewer places.
constexpr std::size_t kMostCuts = 300;

/// What a handler saw of the requests on its server.
using Seen = std::vector<std::string>;

/// Notes what it sees and tells nothing but a status; unknown methods are the library's to answer.
class WitnessHandler : public BaseHTTPRequestHandler {
 public:
  struct Options {
    Seen* seen;
    std::string protocol;
  };

  explicit WitnessHandler(const Options& options) : options_(options) {}

 protected:
  std::string_view protocol_version() const override { return options_.protocol; }

  bool dispatch(std::string_view command) override {
    static constexpr std::string_view kMethods[] = {"GET",    "HEAD",  "POST",   "PUT",
                                                    "DELETE", "PATCH", "OPTIONS"};
    if (std::ranges::find(kMethods, command) == std::end(kMethods)) {
      return BaseHTTPRequestHandler::dispatch(command);
    }
    std::string what = std::string(command) + ' ' + std::string(path());
    if (!path().starts_with("/unread")) {
      const std::string body = rfile().read_all(std::size_t{1} << 20);
      if (!body.empty()) what += ' ' + body;
    }
    options_.seen->push_back(what);
    answer();
    return true;
  }

 private:
  void answer() {
    constexpr std::string_view kStatus = "/status/";
    const bool chosen = path().starts_with(kStatus);
    send_response(chosen ? std::stoi(std::string(path().substr(kStatus.size()))) : 200);
    send_header("X-Seen", "yes");
    if (path().starts_with("/close")) send_header("Connection", "close");
    if (path().starts_with("/length")) send_header("Content-Length", "4");
    end_headers();
    wfile() << "seen";
    if (path().starts_with("/long")) wfile() << std::string(100'000, 'x');
  }

  const Options& options_;
};

/// The directory that `server files` serves.
class Files : public TemporaryTree {
 public:
  Files() {
    file("file.txt", "0123456789");
    modified_at("file.txt", 1577934245);  // Thu, 02 Jan 2020 03:04:05 GMT
    file("empty.txt");
    directory("dir");
    file("dir/inner.txt", "inner");
    directory("index");
    file("index/index.html", "<p>index");
    file("probe", "probe");
    file(".hidden", "hidden");
    file("a b&c<d>.txt", "odd");
    fifo("fifo");
    link("out", "/etc/passwd");
    link("in", "file.txt");
    const WebServer server(handler<SimpleHTTPRequestHandler>({.directory = path()}));
    etag = std::string(server.get("/file.txt").headers["ETag"]);
  }

  std::string etag;  ///< Of file.txt; what rows call TAG.
};

/// The outcome of a connection, put in the words of the tables.
struct Outcome {
  std::vector<std::string> statuses;
  bool open = false;
  Seen seen;
  Answer last;

  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.statuses == b.statuses && a.open == b.open && a.seen == b.seen &&
           a.last.status_line == b.last.status_line && a.last.body == b.last.body;
  }
  friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    for (const std::string& status : outcome.statuses) out << status << ' ';
    out << (outcome.open ? "open" : "closed");
    for (const std::string& request : outcome.seen) out << "; saw " << request;
    return out << "; " << outcome.last.status_line << "; " << outcome.last.body.substr(0, 200);
  }
};

std::vector<std::string> methods_in(std::string_view sent) {
  std::vector<std::string> methods;
  for (std::size_t at = 0; at != sent.npos && at < sent.size();) {
    const std::string_view rest = sent.substr(at);
    methods.push_back(rest.starts_with("HEAD ") ? "HEAD" : "GET");
    at = sent.find("\r\n\r\n", at);
    if (at != sent.npos) at += 4;
  }
  return methods;
}

/// Framing that a client may rely on, whatever was asked (RFC 9112 §6).
void check_framing(const Answer& answer, std::string_view method, bool is_last) {
  const bool has_length = answer.headers.contains("Content-Length");
  const bool is_chunked = answer.headers.contains("Transfer-Encoding");
  EXPECT_FALSE(has_length && is_chunked);
  if (answer.status < 200 || answer.status == 204) {
    EXPECT_FALSE(has_length || is_chunked) << answer.status_line;
  } else if (answer.status != 304 && method != "HEAD" && !is_last) {
    EXPECT_TRUE(has_length || is_chunked) << "nobody can tell where it ends";
  }
  if (answer.status >= 200) {
    EXPECT_TRUE(answer.headers.contains("Date")) << answer.status_line;
  }
}

/// Parts of a body are divided by what is random.
void drop_boundary(Answer& answer) {
  constexpr std::string_view kMultipart = "multipart/byteranges; boundary=";
  const std::string_view type = answer.headers["Content-Type"];
  if (!type.starts_with(kMultipart)) return;
  const std::string_view boundary = type.substr(kMultipart.size());
  for (auto at = answer.body.find(boundary); at != std::string::npos;
       at = answer.body.find(boundary)) {
    answer.body.erase(at, boundary.size());
  }
}

/// Takes apart what came. An answer more than the row says is the one to kProbe.
Outcome outcome_of(std::string wire, const Exchange& exchange, Seen seen) {
  Outcome outcome;
  outcome.seen = std::move(seen);
  const bool without_head = exchange.statuses == std::vector<std::string>{"0.9"};
  if (without_head && !wire.starts_with("HTTP/")) {
    outcome.statuses.emplace_back("0.9");
    outcome.last.body = std::move(wire);
    return outcome;
  }
  const std::vector<std::string> methods = methods_in(exchange.sent);
  std::size_t final_answers = 0;
  std::size_t answers_of_handler = 0;
  bool closes = false;
  const std::size_t expected = exchange.statuses.size();
  while (!wire.empty()) {
    EXPECT_FALSE(closes) << "an answer behind one that closes: " << wire;
    const std::string method =
        final_answers < methods.size() ? methods[final_answers] : std::string("GET");
    Answer answer = take_answer(wire, method);
    if (answer.status >= 200) ++final_answers;
    if (answer.headers.contains("X-Seen")) ++answers_of_handler;
    closes = answer.headers.has_token("Connection", "close");
    check_framing(answer, method, wire.empty());
    if (outcome.statuses.size() == expected && answer.status == 200 && wire.empty() && closes) {
      outcome.open = true;
      break;
    }
    drop_boundary(answer);
    outcome.statuses.push_back(std::to_string(answer.status));
    outcome.last = std::move(answer);
  }
  EXPECT_EQ(outcome.seen.size(), answers_of_handler) << "a request without answer, or the reverse";
  if (outcome.open && !exchange.files) {
    EXPECT_FALSE(outcome.seen.empty());
    if (!outcome.seen.empty()) {
      EXPECT_EQ(outcome.seen.back(), "GET /probe")
          << "the next request was not read as it was sent";
      outcome.seen.pop_back();
    }
  }
  return outcome;
}

void check(const Exchange& exchange, const Outcome& outcome) {
  EXPECT_EQ(outcome.statuses, exchange.statuses) << outcome;
  EXPECT_EQ(outcome.open, exchange.fate == Exchange::Fate::open) << outcome;
  if (!exchange.saw.empty()) {
    EXPECT_EQ(outcome.seen, exchange.saw);
  }
  for (const std::string& field : exchange.has) {
    const std::string name = field.substr(0, field.find(':'));
    EXPECT_EQ(name + ": " + std::string(outcome.last.headers[name]), field);
  }
  for (const std::string& name : exchange.lacks) {
    EXPECT_FALSE(outcome.last.headers.contains(name)) << name;
  }
  for (const std::string& body : exchange.body) EXPECT_EQ(outcome.last.body, body);
}

class Server {
 public:
  Server(const Exchange& exchange, const Files& files)
      : options_{&seen_, exchange.protocol},
        handler_(exchange.files ? handler<SimpleHTTPRequestHandler>({.directory = files.path()})
                                : StreamHandler(handler<WitnessHandler>(options_))),
        idle_(handler_, exchange.limits) {}

  /// What a client gets that sends these packets and ends its stream.
  Outcome serve(const Exchange& exchange, std::vector<std::string> packets) {
    seen_.clear();
    ScriptedPeer peer(std::move(packets));
    try {
      peer.run(idle_);
    } catch (const OSError&) {
      // The client is gone in the middle of a body.
    }
    return outcome_of(peer.received(), exchange, seen_);
  }

  /// The same over a real connection.
  Outcome ask(const Exchange& exchange, const std::string& sent) {
    seen_.clear();
    std::string wire;
    {
      const WebServer server(handler_, exchange.limits);
      RawClient client = server.connect();
      client.send(sent);
      client.half_close();
      wire = client.read_all();
    }
    return outcome_of(std::move(wire), exchange, seen_);
  }

 private:
  Seen seen_;
  WitnessHandler::Options options_;
  StreamHandler handler_;
  IdleServer idle_;
};

class HTTPExchanges : public ::testing::TestWithParam<std::string> {
 protected:
  static const Files& files() {
    static const Files tree;
    return tree;
  }

  /// The rows of this table, with the tag of the file that they ask for.
  static std::vector<Exchange> rows() {
    std::vector<Exchange> rows = read_exchanges(kTables / (GetParam() + ".txt"));
    for (Exchange& row : rows) {
      constexpr std::string_view kTag = "\"TAG\"";
      for (auto at = row.sent.find(kTag); at != std::string::npos; at = row.sent.find(kTag)) {
        row.sent.replace(at, kTag.size(), files().etag);
      }
    }
    return rows;
  }

  static std::string with_probe(const Exchange& exchange) {
    return exchange.sent +
           std::string(exchange.fate == Exchange::Fate::ended ? std::string_view() : kProbe);
  }
};

TEST_P(HTTPExchanges, at_every_cut) {
  for (const Exchange& exchange : rows()) {
    SCOPED_TRACE(exchange.name);
    Server server(exchange, files());
    const std::string sent = with_probe(exchange);
    const Outcome whole = server.serve(exchange, {sent});
    check(exchange, whole);

    const std::size_t step = sent.size() / kMostCuts + 1;
    for (std::size_t cut = 1; cut < sent.size(); cut += step) {
      ASSERT_EQ(server.serve(exchange, {sent.substr(0, cut), sent.substr(cut)}), whole)
          << "cut at " << cut;
    }
    if (step > 1) continue;
    std::vector<std::string> bytes;
    for (const char c : sent) bytes.emplace_back(1, c);
    ASSERT_EQ(server.serve(exchange, bytes), whole) << "byte by byte";
  }
}

TEST_P(HTTPExchanges, over_a_connection) {
  for (const Exchange& exchange : rows()) {
    SCOPED_TRACE(exchange.name);
    Server server(exchange, files());
    check(exchange, server.ask(exchange, with_probe(exchange)));
  }
}

std::vector<std::string> table_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kTables)) {
    names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(RFC, HTTPExchanges, ::testing::ValuesIn(table_names()),
                         [](const auto& table) { return table.param; });

}  // namespace
}  // namespace socketserver::testing
