#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <socketserver/base/error.hpp>
#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <string>

#include "tests/unit/xmlrpc/client_canned_server.hpp"

namespace socketserver::xmlrpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::string_literals;

/// What a call returns that is answered with these bytes.
Value result_of(const std::string& raw, ClientOptions options = {}, bool stay = true) {
  CannedServer server({{{raw}, stay}});
  ServerProxy proxy(server.url(), std::move(options));
  return proxy("f");
}

/// Why an answer is refused. The connection is dropped then: the next call makes another one.
template <typename Exception>
std::string refusal_of(const std::string& raw, ClientOptions options = {}, bool stay = true) {
  CannedServer server({{{raw}, stay}, {{number(2)}}});
  ServerProxy proxy(server.url(), std::move(options));
  std::string what;
  EXPECT_THROW(
      try { proxy("f"); } catch (const std::exception& error) {
        what = error.what();
        throw;
      },
      Exception)
      << raw.substr(0, 300) << what;
  EXPECT_EQ(proxy("f"), Value(2));
  EXPECT_EQ(server.accepted(), 2);
  return what;
}

std::string chunked(std::string_view body, std::size_t size) {
  std::string raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    const std::string_view chunk = body.substr(0, size);
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zx", chunk.size());
    raw += digits + "\r\n"s + std::string(chunk) + "\r\n";
  }
  return raw + "0\r\n\r\n";
}

TEST(ClientResponse, XR_150_one_value_none_and_two) {
  EXPECT_EQ(result_of(number(7)), Value(7));
  EXPECT_EQ(result_of(answer(document({}))), Value(Array{}));
  EXPECT_EQ(result_of(answer(document({"<int>1</int>", "x"}))), Value(Array{1, "x"}));
  const std::string array = "<array><data><value><int>1</int></value></data></array>";
  EXPECT_EQ(result_of(answer(document({array}))), Value(Array{1}));
}

TEST(ClientResponse, every_framing) {
  const std::string body = document({"<string>" + std::string(30'000, 'x') + "</string>"});
  const Value expected(std::string(30'000, 'x'));
  EXPECT_EQ(result_of(answer(body)), expected);
  EXPECT_EQ(result_of(chunked(body, 7)), expected);
  EXPECT_EQ(result_of(chunked(body, 100'000)), expected);
  EXPECT_EQ(result_of("HTTP/1.0 200 OK\r\n\r\n" + body, {}, false), expected);
  EXPECT_EQ(result_of("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body, {}, false), expected);
}

TEST(ClientResponse, interim_answers_are_skipped) {
  const std::string interim =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n";
  EXPECT_EQ(result_of(interim + number(3)), Value(3));
  std::string many;
  for (int i = 0; i < 50; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_THAT(refusal_of<ResponseError>(many + number(3)), HasSubstr("never comes"));
}

TEST(ClientResponse, XR_147_any_other_status_is_a_ProtocolError) {
  for (const auto& [status, reason] : std::vector<std::pair<int, std::string>>{
           {404, "Not Found"}, {500, "Internal Server Error"}, {302, "Found"}, {201, ""}}) {
    CannedServer server({{{answer("text", "X-A: b\r\nLocation: /elsewhere\r\n",
                                  std::to_string(status) + ' ' + reason),
                           number(5)}}});
    ServerProxy proxy(server.url("/x", "user:secret@"));
    try {
      proxy("f");
      FAIL() << status;
    } catch (const ProtocolError& error) {
      const std::string url = "***@" + server.address().to_string() + "/x";
      EXPECT_EQ(error.url(), url);
      EXPECT_EQ(error.errcode(), status);
      EXPECT_EQ(error.errmsg(), reason);
      EXPECT_EQ(error.headers()["x-a"], "b");
      EXPECT_EQ(error.what(),
                "<ProtocolError for " + url + ": " + std::to_string(status) + ' ' + reason + ">");
    }
    EXPECT_EQ(proxy("f"), Value(5)) << "a short answer leaves the connection in order";
    EXPECT_EQ(server.accepted(), 1);
  }
}

TEST(ClientResponse, XR_147_no_content) {
  CannedServer server({{{"HTTP/1.1 204 No Content\r\n\r\n", number(5)}}});
  ServerProxy proxy(server.url());
  EXPECT_THROW(proxy("f"), ProtocolError);
  EXPECT_EQ(proxy("f"), Value(5));
}

TEST(ClientResponse, a_long_error_page_costs_the_connection) {
  refusal_of<ProtocolError>(answer(std::string(500'000, 'x'), "", "404 No"));
  refusal_of<ProtocolError>("HTTP/1.0 404 No\r\n\r\nuntil close", {}, false);
}

TEST(ClientResponse, XR_149_gzip) {
  const std::string body = document({"<string>" + std::string(30'000, 'x') + "</string>"});
  const Value expected(std::string(30'000, 'x'));
  for (const std::string coding : {"gzip", "GZIP", "x-gzip"}) {
    EXPECT_EQ(result_of(answer(gzip_encode(body), "Content-Encoding: " + coding + "\r\n")),
              expected);
  }
  EXPECT_EQ(result_of(answer(body, "Content-Encoding: identity\r\n")), expected);
}

TEST(ClientResponse, XR_149_other_codings_are_refused) {
  EXPECT_THAT(refusal_of<ResponseError>(answer(document({"x"}), "Content-Encoding: br\r\n")),
              HasSubstr("'br'"));
  EXPECT_THAT(refusal_of<ResponseError>(answer(document({"x"}), "Content-Encoding: gzip\r\n")),
              HasSubstr("no gzip data"));
  const std::string compressed = gzip_encode(document({"x"}));
  refusal_of<ResponseError>(
      answer(compressed.substr(0, compressed.size() - 3), "Content-Encoding: gzip\r\n"));
}

TEST(ClientResponse, XR_151_garbage_is_refused_and_the_connection_dropped) {
  for (const std::string body : {"<html><body>Hello</body></html>", "garbage", "",
                                 "<methodResponse>", "<!DOCTYPE x><methodResponse/>"}) {
    refusal_of<ResponseError>(answer(body));
  }
  EXPECT_THAT(refusal_of<ResponseError>(
                  answer("<methodCall><methodName>f</methodName><params/></methodCall>")),
              HasSubstr("a call"));
  for (const std::string raw :
       {"<html>Hello</html>\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_THAT(refusal_of<ResponseError>(raw), HasSubstr("is no HTTP"));
  }
  EXPECT_THAT(
      refusal_of<ResponseError>("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
      HasSubstr("broken chunks"));
}

TEST(ClientResponse, XR_151_an_answer_that_ends_too_early) {
  const std::string whole = number(1);
  const std::string in_chunks = chunked(document({"x"}), 10);
  for (const std::string& raw :
       {whole.substr(0, 5), whole.substr(0, 40), whole.substr(0, whole.size() - 1),
        in_chunks.substr(0, in_chunks.size() - 3)}) {
    EXPECT_THAT(refusal_of<ResponseError>(raw, {}, false), HasSubstr("ended too early")) << raw;
  }
}

TEST(ClientResponse, bytes_behind_an_answer_cost_the_connection) {
  CannedServer server({{{number(1) + "HTTP/1.1 200 OK\r\n"}}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  EXPECT_EQ(proxy("f"), Value(2));
}

TEST(ClientResponse, XR_154_a_fault_leaves_the_connection_usable) {
  CannedServer server({{{fault(42, "Test Fault"), number(2)}}});
  ServerProxy proxy(server.url());
  try {
    proxy("f");
    FAIL();
  } catch (const Fault& error) {
    EXPECT_EQ(error.code(), 42);
    EXPECT_EQ(error.text(), "Test Fault");
    EXPECT_STREQ(error.what(), "<Fault 42: 'Test Fault'>");
  }
  EXPECT_EQ(proxy("f"), Value(2));
  EXPECT_EQ(server.accepted(), 1);
}

TEST(ClientResponse, XR_158_answers_are_bounded) {
  const std::string body = document({"<string>" + std::string(3000, 'x') + "</string>"});
  const ClientOptions options{.limits = {.bytes = 2000}};
  EXPECT_THAT(refusal_of<ResponseError>(answer(body), options), HasSubstr("2000"));
  refusal_of<ResponseError>(chunked(body, 100), options);
  refusal_of<ResponseError>("HTTP/1.0 200 OK\r\n\r\n" + body, options, false);
  // Without end: only the limit ends it.
  refusal_of<ResponseError>("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + body,
                            options);

  const std::string bomb = gzip_encode(body);
  ASSERT_LT(bomb.size(), 2000u);
  EXPECT_THAT(refusal_of<ResponseError>(answer(bomb, "Content-Encoding: gzip\r\n"), options),
              HasSubstr("larger than 2000 bytes"));

  EXPECT_THAT(refusal_of<ResponseError>(
                  answer(std::string(3000, 'x'), "Content-Encoding: gzip\r\n"), options),
              HasSubstr("larger than 2000 bytes"));

  const ClientOptions heads{.head_limits = {.header_bytes = 100}};
  refusal_of<ResponseError>(answer(body, "X: " + std::string(200, 'x') + "\r\n"), heads);
  const ClientOptions shallow{.limits = {.depth = 2}};
  const std::string deep =
      "<array><data><value><array><data><value><array><data></data></array>"
      "</value></data></array></value></data></array>";
  refusal_of<ResponseError>(answer(document({deep})), shallow);
}

}  // namespace
}  // namespace socketserver::xmlrpc
