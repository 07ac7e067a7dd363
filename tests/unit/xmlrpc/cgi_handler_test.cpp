#include <socketserver/xmlrpc/cgi_handler.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <string>

#include "rpc.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using xmlrpc::Value;

class CGIXMLRPC : public ::testing::Test {
 protected:
  ~CGIXMLRPC() override {
    for (const char* name : {"REQUEST_METHOD", "CONTENT_LENGTH", "CONTENT_TYPE"}) ::unsetenv(name);
  }

  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  static Limits limits() {
    Limits limits;
    limits.xmlrpc_bytes = 1000;
    return limits;
  }

  template <class Handler>
  std::string run(const std::string& input, std::optional<std::string_view> text = std::nullopt) {
    std::istringstream in(input);
    std::ostringstream out;
    Handler handler({}, limits(), in, out);
    handler.register_function([](int a, int b) { return a + b; }, "add");
    handler.handle_request(text);
    return out.str();
  }
};

std::string body_of(const std::string& output) {
  return output.substr(output.find("\n\n") + 2);
}

TEST_F(CGIXMLRPC, XR_168_get_is_refused) {
  set("REQUEST_METHOD", "GET");
  const std::string output = run<CGIXMLRPCRequestHandler>("");
  EXPECT_THAT(output, StartsWith("Status: 400 Bad Request\nContent-Type: text/html"));
  EXPECT_THAT(output,
              HasSubstr("\nContent-Length: " + std::to_string(body_of(output).size()) + '\n'));
}

TEST_F(CGIXMLRPC, XR_168_get_of_the_documented_one_is_its_page) {
  set("REQUEST_METHOD", "GET");
  const std::string output = run<DocCGIXMLRPCRequestHandler>("");
  EXPECT_THAT(output, StartsWith("Content-Type: text/html"));
  EXPECT_THAT(output, HasSubstr("\nContent-Security-Policy: default-src 'none'"));
  EXPECT_THAT(output, HasSubstr("<section id=\"-add\">"));
}

TEST_F(CGIXMLRPC, XR_169_post_is_answered) {
  const std::string request = call_text("add", {2, 3});
  set("REQUEST_METHOD", "POST");
  set("CONTENT_LENGTH", std::to_string(request.size()));
  const std::string output = run<CGIXMLRPCRequestHandler>(request + "behind");
  const std::string body = body_of(output);
  EXPECT_EQ(output, "Content-Type: text/xml\nContent-Length: " + std::to_string(body.size()) +
                        "\n\n" + body);
  EXPECT_EQ(value_of(body), Value(5));
}

TEST_F(CGIXMLRPC, without_a_length_all_is_read) {
  EXPECT_EQ(value_of(body_of(run<CGIXMLRPCRequestHandler>(call_text("add", {2, 3})))), Value(5));
}

TEST_F(CGIXMLRPC, lengths_that_are_none_or_too_large) {
  for (const std::string length : {"x", "-1", "1 ", "0x10"}) {
    set("CONTENT_LENGTH", length);
    EXPECT_THAT(run<CGIXMLRPCRequestHandler>(""), StartsWith("Status: 400 ")) << length;
  }
  for (const std::string length : {"1001", "99999999999999999999999"}) {
    set("CONTENT_LENGTH", length);
    EXPECT_THAT(run<CGIXMLRPCRequestHandler>(""), StartsWith("Status: 413 ")) << length;
  }
  ::unsetenv("CONTENT_LENGTH");
  EXPECT_THAT(run<CGIXMLRPCRequestHandler>(std::string(1001, ' ')), StartsWith("Status: 413 "));
}

TEST_F(CGIXMLRPC, json_rpc_by_the_content_type) {
  set("CONTENT_TYPE", "application/json");
  const auto ask = [this](const std::string& text) { return run<CGIXMLRPCRequestHandler>(text); };
  EXPECT_EQ(body_of(ask(R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":1})")),
            R"({"jsonrpc":"2.0","result":5,"id":1})");
  EXPECT_THAT(ask(R"({"jsonrpc":"2.0","method":"add","params":[2,3]})"),
              StartsWith("Status: 204 No Content\n"));
}

TEST_F(CGIXMLRPC, XR_170_a_text_is_answered_whatever_the_environment_says) {
  set("REQUEST_METHOD", "GET");
  set("CONTENT_LENGTH", "x");
  EXPECT_EQ(value_of(body_of(run<CGIXMLRPCRequestHandler>("", call_text("add", {2, 3})))),
            Value(5));
}

}  // namespace
}  // namespace socketserver::testing
