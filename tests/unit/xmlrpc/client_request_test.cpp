#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <sstream>
#include <stdexcept>

#include "tests/unit/xmlrpc/client_canned_server.hpp"

namespace socketserver::xmlrpc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// The request that a call makes, with a server that answers 1.
std::string request_of(ClientOptions options, std::string_view credentials = "",
                       const Array& params = {1}, std::string_view path = "") {
  CannedServer server({{{number(1)}}});
  ServerProxy proxy(server.url(path, credentials), std::move(options));
  EXPECT_EQ(proxy.call_with("f", params), Value(1));
  return server.requests().front();
}

std::string body_of(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

/// The names of the fields of a request, in their order.
std::vector<std::string> fields_of(const std::string& request) {
  std::istringstream lines(request.substr(0, request.find("\r\n\r\n") + 2));
  std::vector<std::string> names;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) names.push_back(line.substr(0, line.find(':')));
  return names;
}

TEST(ClientRequest, XR_142_seed_posts_to_RPC2) {
  EXPECT_THAT(request_of({}), StartsWith("POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:"));
}

TEST(ClientRequest, XR_143_target_is_that_of_the_URL) {
  EXPECT_THAT(request_of({}, "", {1}, "/a/b?c=d#e"), StartsWith("POST /a/b?c=d#e HTTP/1.1\r\n"));
  EXPECT_THAT(request_of({}, "", {1}, "/"), StartsWith("POST / HTTP/1.1\r\n"));
  EXPECT_THAT(request_of({}, "", {1}, "?k=v"), StartsWith("POST ?k=v HTTP/1.1\r\n"));
  EXPECT_THAT(request_of({}, "", {1}, "#f"), StartsWith("POST #f HTTP/1.1\r\n"));
}

TEST(ClientRequest, XR_145_order_of_the_fields) {
  const std::string request = request_of({.user_agent = "me/1"});
  EXPECT_THAT(fields_of(request), ::testing::ElementsAre("Host", "Accept-Encoding", "Content-Type",
                                                         "User-Agent", "Content-Length"));
  EXPECT_THAT(request, HasSubstr("\r\nAccept-Encoding: gzip\r\nContent-Type: text/xml\r\n"
                                 "User-Agent: me/1\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: " + std::to_string(body_of(request).size())));
  EXPECT_THAT(
      fields_of(request_of({.headers = {{"X-A", "1"}}, .encode_threshold = 0}, "u:p@")),
      ::testing::ElementsAre("Host", "X-A", "Authorization", "Accept-Encoding", "Content-Type",
                             "User-Agent", "Content-Encoding", "Content-Length"));
}

TEST(ClientRequest, XR_146_headers_are_added) {
  EXPECT_THAT(request_of({.headers = {{"X-A", "1"}, {"X-A", "2"}}}),
              HasSubstr("\r\nX-A: 1\r\nX-A: 2\r\nAccept-Encoding"));
}

TEST(ClientRequest, XR_146_credentials_are_sent_decoded) {
  EXPECT_THAT(request_of({}, "us%20er:p%40s@"),
              HasSubstr("\r\nAuthorization: Basic dXMgZXI6cEBz\r\n"));
  // Longer than a line of base64 elsewhere has.
  const std::string request = request_of({}, "user:" + std::string(100, 'x') + "@");
  EXPECT_THAT(fields_of(request), ::testing::Contains("Authorization").Times(1));
  EXPECT_EQ(fields_of(request).size(), 6u);
}

TEST(ClientRequest, a_header_takes_the_place_of_the_clients_own) {
  const std::string request = request_of({.headers = {{"host", "example.org"},
                                                      {"authorization", "Bearer x"},
                                                      {"Content-Type", "application/xml"},
                                                      {"User-Agent", "you"}}},
                                         "u:p@");
  EXPECT_THAT(fields_of(request),
              ::testing::ElementsAre("host", "authorization", "Content-Type", "User-Agent",
                                     "Accept-Encoding", "Content-Length"));
}

TEST(ClientRequest, headers_that_cannot_be_are_refused) {
  for (const auto& field :
       std::vector<std::pair<std::string, std::string>>{{"Content-Length", "5"},
                                                        {"transfer-encoding", "chunked"},
                                                        {"Connection", "close"},
                                                        {"X Y", "z"},
                                                        {"X", "a\r\nY: b"},
                                                        {"", "x"}}) {
    EXPECT_THROW(ServerProxy("http://h", {.headers = {field}}), std::invalid_argument)
        << field.first;
  }
  EXPECT_THROW(ServerProxy("http://h", {.user_agent = "a\nb"}), std::invalid_argument);
}

TEST(ClientRequest, answers_need_not_be_compressed) {
  EXPECT_THAT(request_of({.accept_gzip_encoding = false}),
              HasSubstr("\r\nAccept-Encoding: identity\r\n"));
}

TEST(ClientRequest, XR_152_encode_threshold) {
  EXPECT_THAT(request_of({}), Not(HasSubstr("Content-Encoding")));
  const std::string plain = body_of(request_of({.encode_threshold = 10'000}));
  EXPECT_THAT(plain, HasSubstr("<methodName>f</methodName>"));
  EXPECT_EQ(body_of(request_of({.encode_threshold = plain.size()})), plain);

  for (const std::size_t threshold : {std::size_t{0}, plain.size() - 1}) {
    const std::string request = request_of({.encode_threshold = threshold});
    EXPECT_THAT(request, HasSubstr("\r\nContent-Encoding: gzip\r\nContent-Length: "));
    EXPECT_EQ(gzip_decode(body_of(request)).data, plain);
  }
}

TEST(ClientRequest, what_servers_take_for_a_bomb_is_not_compressed) {
  const std::string request = request_of({.encode_threshold = 0}, "", {std::string(200'000, 'x')});
  EXPECT_THAT(fields_of(request), Not(::testing::Contains("Content-Encoding")));
  EXPECT_EQ(loads(body_of(request)).params[0].as<std::string>().size(), 200'000);
}

TEST(ClientRequest, XR_156_encodings) {
  for (const std::string encoding : {"utf-8", "iso-8859-15", "us-ascii"}) {
    const std::string body =
        body_of(request_of({.encoding = encoding}, "", {"\u00e4\u20ac\u4e2d"}));
    EXPECT_EQ(loads(body).params, Array{"\u00e4\u20ac\u4e2d"}) << encoding;
    if (encoding != "utf-8") {
      EXPECT_THAT(body, HasSubstr(encoding));
    }
  }
  EXPECT_THROW(ServerProxy("http://h", {.encoding = "no-such"}), std::invalid_argument);
}

TEST(ClientRequest, extensions_must_be_allowed) {
  ServerProxy proxy("http://127.0.0.1:1");
  EXPECT_THROW(proxy("f", nullptr), TypeError);
  EXPECT_THROW(proxy("f", std::int64_t{1} << 40), TypeError);
  EXPECT_THAT(request_of({.allow_none = true}, "", {nullptr}), HasSubstr("<nil/>"));
  EXPECT_THAT(request_of({.allow_i8 = true}, "", {std::int64_t{1} << 40}), HasSubstr("<i8>"));
}

TEST(ClientRequest, XR_155_verbose_prints_what_goes_and_comes) {
  CannedServer server({{{number(1)}}});
  std::ostringstream out;
  ServerProxy proxy(server.url("", "user:secret@"), {.verbose = &out});
  proxy("f");
  EXPECT_THAT(out.str(), StartsWith("send: 'POST /RPC2 HTTP/1.1\\r\\nHost: "));
  EXPECT_THAT(out.str(), HasSubstr("Authorization: ***\\r\\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("dXNlcjpzZWNyZXQ")));
  EXPECT_THAT(out.str(), HasSubstr("<methodName>f</methodName>"));
  EXPECT_THAT(out.str(), HasSubstr("\nreply: 'HTTP/1.1 200 OK'\nheader: Content-Type: text/xml\n"));
  EXPECT_THAT(out.str(), HasSubstr("\nbody: "));
}

}  // namespace
}  // namespace socketserver::xmlrpc
