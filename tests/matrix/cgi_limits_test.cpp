// The limits on CGI scripts, and on the clients of those, under every engine.

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include <socketserver/http/cgi_handler.hpp>

#include "tests/matrix/http_fixture.hpp"
#include "tests/unit/http/cgi_site.hpp"

namespace socketserver::matrix {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <class Server>
class CGILimits : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer does not support processes forked beside threads";
#endif
  }

  /// Everything that a server with these limits answers `request` with.
  std::string ask(const Limits& limits, std::string_view request, std::size_t pieces = 0) {
    ServerOptions options{.fork_with_threads = true, .limits = limits, .log = {}};
    options.workers = Server::kPreforks ? 1 : 2;
    const auto server =
        make_server<Server>(Address("127.0.0.1", 0), site.handler(), std::move(options));
    const ServerThread running(*server, 1h);
    RawClient client(server->server_address());
    client.send(request);
    for (std::size_t i = 0; i < pieces && !has_something_to_read(client, 5); ++i) client.send("x");
    return client.read_all();
  }

  testing::CGISite site;
};
TYPED_TEST_SUITE(CGILimits, Servers, ServerNames);

constexpr std::string_view kGet = "GET /cgi-bin/script.sh HTTP/1.1\r\nHost: x\r\n\r\n";

TYPED_TEST(CGILimits, cgi_timeout) {
  this->site.script("cgi-bin/script.sh", "exec sleep 1000\n");
  EXPECT_THAT(this->ask({.cgi_timeout = 50ms}, kGet), HasSubstr("HTTP/1.1 504 "));
}

TYPED_TEST(CGILimits, cgi_total_timeout) {
  this->site.text_script("cgi-bin/script.sh", "while sleep 0.01; do echo tick; done\n");
  const std::string wire = this->ask({.cgi_total_timeout = 300ms}, kGet);
  EXPECT_THAT(wire, Not(HasSubstr("\r\n0\r\n\r\n")));
}

TYPED_TEST(CGILimits, cgi_output_bytes) {
  this->site.text_script("cgi-bin/script.sh", "exec yes\n");
  const std::string wire = this->ask({.cgi_output_bytes = 100'000}, kGet);
  EXPECT_LT(wire.size(), 110'000);
  EXPECT_THAT(wire, Not(HasSubstr("\r\n0\r\n\r\n")));
}

TYPED_TEST(CGILimits, min_rate_of_a_body) {
  this->site.text_script("cgi-bin/script.sh", "cat\n");
  const std::string wire = this->ask({.min_rate = 1'000'000, .min_rate_span = 50ms},
                                     "POST /cgi-bin/script.sh HTTP/1.1\r\nHost: x\r\n"
                                     "Content-Length: 100000\r\n\r\n",
                                     100'000);
  EXPECT_THAT(wire, Not(HasSubstr(" 504 ")));
  EXPECT_LT(wire.size(), 50'000);
}

}  // namespace
}  // namespace socketserver::matrix
