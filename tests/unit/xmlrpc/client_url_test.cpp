#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/xmlrpc/client_url.hpp>
#include <stdexcept>
#include <string>

namespace socketserver::xmlrpc {
namespace {

TEST(ClientURLTest, XR_142_seed_default_handler_is_RPC2) {
  const ClientURL url = parse_client_url("http://localhost:8888");
  EXPECT_EQ(url.host, "localhost");
  EXPECT_EQ(url.port, 8888);
  EXPECT_EQ(url.authority, "localhost:8888");
  EXPECT_EQ(url.handler, "/RPC2");
  EXPECT_EQ(url.name, "localhost:8888/RPC2");
  EXPECT_FALSE(url.credentials);
  EXPECT_FALSE(url.unix_socket);
  EXPECT_EQ(parse_client_url("HTTP://localhost").port, 80);
  EXPECT_EQ(parse_client_url("http://localhost:").port, 80);
}

TEST(ClientURLTest, XR_143_path_query_and_fragment_are_the_target) {
  for (const std::string target :
       {"/", "/foo", "/foo/bar?k=v#frag", "/a/b?c=d#e", "?k=v", "#f", "/a//b/../c", "/%20?x=%41"}) {
    EXPECT_EQ(parse_client_url("http://h" + target).handler, target);
    EXPECT_EQ(parse_client_url("http://h:80" + target).handler, target);
    EXPECT_EQ(parse_client_url("http+unix://x" + target).handler, target);
  }
}

TEST(ClientURLTest, XR_144_other_schemes_are_an_OSError) {
  for (const char* url : {"ftp://h", "h", "localhost:8000", "", "//h", "gopher:x", "httpx://h",
                          "http/://h", "://h", "/RPC2"}) {
    try {
      static_cast<void>(parse_client_url(url));
      FAIL() << url;
    } catch (const OSError& error) {
      EXPECT_EQ(error.code(), std::errc::protocol_not_supported);
      EXPECT_NE(std::string(error.what()).find("unsupported XML-RPC protocol"), std::string::npos);
    }
  }
}

TEST(ClientURLTest, https_says_that_TLS_is_not_built_in) {
  try {
    static_cast<void>(parse_client_url("https://user:secret@h/RPC2"));
    FAIL();
  } catch (const OSError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("TLS is not built in"), std::string::npos) << what;
    EXPECT_EQ(what.find("secret"), std::string::npos);
  }
}

TEST(ClientURLTest, XR_146_credentials_are_decoded) {
  const ClientURL url = parse_client_url("http://us%3Aer:p%40s%20s:w@h:1/x");
  ASSERT_TRUE(url.credentials);
  EXPECT_EQ(url.credentials->user, "us:er");
  EXPECT_EQ(url.credentials->password, "p@s s:w");
  EXPECT_EQ(url.authority, "h:1");
  EXPECT_EQ(parse_client_url("http://user@h").credentials->password, "");
  EXPECT_EQ(parse_client_url("http://user:a@b@h").credentials->password, "a@b");
}

TEST(ClientURLTest, XR_157_the_name_masks_credentials) {
  EXPECT_EQ(parse_client_url("http://user:secret@h:1/x").name, "***@h:1/x");
  EXPECT_EQ(parse_client_url("http+unix://user:secret@%2Frun%2Fx/x").name, "***@unix:/run/x/x");
}

TEST(ClientURLTest, IPv6) {
  const ClientURL url = parse_client_url("http://[::1]:8000/x");
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 8000);
  EXPECT_EQ(url.authority, "[::1]:8000");
  EXPECT_EQ(parse_client_url("http://[::1]").port, 80);
}

TEST(ClientURLTest, Unix_sockets) {
  for (const char* text : {"unix:///tmp/supervisor.sock", "unix:/tmp/supervisor.sock",
                           "http+unix://%2Ftmp%2Fsupervisor.sock", "UNIX:/tmp/supervisor%2esock"}) {
    const ClientURL url = parse_client_url(text);
    ASSERT_TRUE(url.unix_socket) << text;
    EXPECT_EQ(*url.unix_socket, Address::unix_path("/tmp/supervisor.sock"));
    EXPECT_EQ(url.handler, "/RPC2");
    EXPECT_EQ(url.authority, "localhost");
    EXPECT_EQ(url.place(), "unix:/tmp/supervisor.sock");
    EXPECT_EQ(url.name, "unix:/tmp/supervisor.sock/RPC2");
  }
  EXPECT_EQ(*parse_client_url("unix:@name").unix_socket, Address::unix_abstract("name"));
  EXPECT_EQ(*parse_client_url("http+unix://@name/x").unix_socket, Address::unix_abstract("name"));
  EXPECT_EQ(parse_client_url("http+unix://u:p@%2Fs/x").credentials->user, "u");
}

TEST(ClientURLTest, what_is_no_URL_is_refused) {
  for (const char* url :
       {"http:",          "http:h",       "http:/h",          "http://",        "http:///x",
        "http://:80",     "http://h:0",   "http://h:65536",   "http://h:x",     "http://h:8 0",
        "http://h:80:90", "http://h:-1",  "http://[::1",      "http://[::1]x",  "http://[]",
        "http://user@",   "http://h/a b", "http://h/\r\nX:y", "unix:",          "unix://",
        "unix:@",         "unix:/a%00b",  "http+unix://",     "http+unix:///x", "http://h\x7f"}) {
    EXPECT_THROW(static_cast<void>(parse_client_url(url)), std::invalid_argument) << url;
  }
}

TEST(ClientURLTest, messages_quote_no_credentials) {
  for (const char* url :
       {"http://user:secret@h:x", "http://user:secret@", "http://user:secret@h:0/"}) {
    try {
      static_cast<void>(parse_client_url(url));
      FAIL();
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace socketserver::xmlrpc
