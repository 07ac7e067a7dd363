#include <gtest/gtest.h>

#include <functional>
#include <socketserver/http/base_handler.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "answer.hpp"
#include "decode.hpp"
#include "scripted_peer.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using Method = std::function<void(BaseHTTPRequestHandler&)>;

const std::string& text() {
  static const std::string text(40'000, 'x');
  return text;
}

/// The answers to requests of one connection.
std::string wire_of(const Method& method, const std::string& requests) {
  IdleServer server(handler<ScriptedHandler>({.method = method}));
  return serve(server, {requests});
}

std::string request_accepting(const std::string& accepted, const std::string& verb = "GET") {
  return verb + " / HTTP/1.1\r\nHost: x\r\n" +
         (accepted.empty() ? "" : "Accept-Encoding: " + accepted + "\r\n") + "\r\n";
}

Answer encoded_answer(const Method& method, const std::string& accepted,
                      const std::string& verb = "GET") {
  std::string wire = wire_of(method, request_accepting(accepted, verb));
  Answer answer = take_answer(wire, verb);
  EXPECT_EQ(wire, "");
  return answer;
}

/// Sends the text in pieces, encoded as the client wants, with these header fields.
Method sends(std::vector<std::pair<std::string, std::string>> fields = {}, int code = 200) {
  return [fields = std::move(fields), code](BaseHTTPRequestHandler& self) {
    self.send_response(code);
    for (const auto& [name, value] : fields) self.send_header(name, value);
    self.encode_body();
    self.end_headers();
    for (std::size_t at = 0; at < text().size(); at += 1000) {
      self.wfile().write(std::string_view(text()).substr(at, 1000));
    }
  };
}

TEST(EncodeBody, as_the_client_wants) {
  for (const auto* coding : {"gzip", "br", "zstd"}) {
    const auto answer =
        encoded_answer(sends({{"ETag", "\"a\""}, {"Content-Length", "40000"}}), coding);
    EXPECT_EQ(answer.headers["Content-Encoding"], coding);
    EXPECT_EQ(answer.headers["Vary"], "Accept-Encoding");
    EXPECT_EQ(answer.headers["ETag"], "W/\"a-" + std::string(coding) + "\"");
    EXPECT_LT(answer.body.size(), 1000u);
    EXPECT_EQ(answer.headers["Content-Length"], std::to_string(answer.body.size()));
    EXPECT_EQ(decode(coding, answer.body), text());
  }
  EXPECT_EQ(encoded_answer(sends(), "gzip, zstd, br").headers["Content-Encoding"], "br");
  EXPECT_EQ(encoded_answer(sends(), "gzip, br;q=0.5").headers["Content-Encoding"], "gzip");
}

TEST(EncodeBody, not_when_the_client_does_not) {
  for (const auto* accepted : {"", "deflate", "gzip;q=0", "identity"}) {
    const auto answer = encoded_answer(sends({{"ETag", "\"a\""}}), accepted);
    EXPECT_FALSE(answer.headers.contains("Content-Encoding")) << accepted;
    EXPECT_EQ(answer.headers["Vary"], "Accept-Encoding");
    EXPECT_EQ(answer.headers["ETag"], "\"a\"");
    EXPECT_EQ(answer.body, text());
  }
}

TEST(EncodeBody, not_when_it_is_pointless_or_wrong) {
  for (const auto& method :
       {sends({{"Content-Encoding", "x"}}), sends({{"Content-Range", "bytes 0-1/2"}}, 206)}) {
    EXPECT_EQ(encoded_answer(method, "gzip").body, text());
  }
  const auto small = encoded_answer(
      [](BaseHTTPRequestHandler& self) {
        self.send_response(200);
        self.send_header("Content-Length", "1023");
        EXPECT_FALSE(self.encode_body());
        self.end_headers();
        self.wfile().write(text().substr(0, 1023));
      },
      "gzip");
  EXPECT_EQ(small.body, text().substr(0, 1023));
  const auto none = encoded_answer(
      [](BaseHTTPRequestHandler& self) {
        self.send_response(204);
        EXPECT_FALSE(self.encode_body());
        self.end_headers();
      },
      "gzip");
  EXPECT_FALSE(none.headers.contains("Content-Encoding"));
}

TEST(EncodeBody, to_head_has_the_same_head_alone) {
  const auto silent = encoded_answer(
      [](BaseHTTPRequestHandler& self) {
        self.send_response(200);
        self.encode_body();
        self.end_headers();
      },
      "gzip", "HEAD");
  EXPECT_EQ(silent.headers["Content-Encoding"], "gzip");
  EXPECT_FALSE(silent.headers.contains("Content-Length"));
  const auto whole = encoded_answer(sends(), "gzip", "HEAD");
  EXPECT_EQ(whole.headers["Content-Length"],
            encoded_answer(sends(), "gzip").headers["Content-Length"]);
}

TEST(EncodeBody, of_nothing_is_a_stream_of_nothing) {
  const auto answer = encoded_answer(
      [](BaseHTTPRequestHandler& self) {
        self.send_response(200);
        self.encode_body();
        self.end_headers();
      },
      "gzip");
  EXPECT_EQ(decode("gzip", answer.body), "");
}

TEST(EncodeBody, serves_the_requests_of_a_connection_each_for_itself) {
  std::string wire =
      wire_of(sends(), request_accepting("gzip") + request_accepting("") + request_accepting("br"));
  EXPECT_EQ(decode("gzip", take_answer(wire).body), text());
  EXPECT_EQ(take_answer(wire).body, text());
  EXPECT_EQ(decode("br", take_answer(wire).body), text());
}

TEST(EncodeBody, is_forgotten_with_its_head) {
  const auto answer = encoded_answer(
      [](BaseHTTPRequestHandler& self) {
        self.send_response(200);
        self.encode_body();
        self.send_text(404, "nothing");
      },
      "gzip");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "nothing");
}

TEST(EncodeBody, what_is_flushed_is_on_its_way) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.encode_body();
    self.end_headers();
    self.wfile() << "first";
    self.wfile().flush();
    self.rfile().read(1);  // comes when the client has seen it
    self.wfile() << " second";
  });
  RawClient client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nAccept-Encoding: gzip\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  const std::size_t size = std::stoul(client.read_until("\r\n"), nullptr, 16);
  const std::string first = client.read(size);
  EXPECT_EQ(decode_so_far("gzip", first), "first");
  client.read_until("\r\n");
  client.send("x");
  std::string rest = head + client.read_until("0\r\n\r\n");
  EXPECT_EQ(decode("gzip", first + take_answer(rest).body), "first second");
}

TEST(EncodeBody, wrong_use_is_misuse) {
  EXPECT_THROW(wire_of([](auto& self) { self.encode_body(); }, request_accepting("gzip")),
               std::logic_error);
  EXPECT_THROW(wire_of(
                   [](BaseHTTPRequestHandler& self) {
                     constexpr std::string_view kOther = "deflate";
                     self.send_response(200);
                     self.encode_body({&kOther, 1});
                   },
                   request_accepting("deflate")),
               std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::testing
