#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/http/misdirected.hpp>

namespace socketserver::http {
namespace {

const Address kHere = Address::ipv4({127, 0, 0, 1}, 8000);

bool is_refused(std::string_view host, const Address& own = kHere,
                const std::vector<std::string>& hosts = {}) {
  Headers headers;
  headers.add("Host", host);
  return is_misdirected(headers, own, hosts);
}

TEST(Misdirected, what_cannot_lead_elsewhere) {
  for (const std::string_view host :
       {"localhost", "localhost:8000", "LocalHost", "localhost.", "a.localhost:80", "127.0.0.1",
        "127.0.0.1:8000", "10.1.2.3", "[::1]", "[::1]:8000", "[fe80::1%25eth0]:80", ""}) {
    EXPECT_FALSE(is_refused(host)) << host;
  }
  EXPECT_FALSE(is_misdirected({}, kHere, {}));
}

TEST(Misdirected, names_of_others) {
  for (const std::string_view host :
       {"evil.example", "evil.example:8000", "EVIL", "localhost.evil.example", "mylocalhost",
        "127.0.0.1.evil.example", "127.0.0.1.nip.io", "localhost.evil.example:80", "1", ".", ":80",
        "127.0.0.0/8"}) {
    EXPECT_TRUE(is_refused(host)) << host;
  }
}

TEST(Misdirected, every_host_counts) {
  Headers headers;
  headers.add("Host", "localhost");
  headers.add("Host", "evil.example");
  EXPECT_TRUE(is_misdirected(headers, kHere, {}));
}

TEST(Misdirected, over_loopback_only) {
  const Address v6 = Address("::1", 80);
  EXPECT_TRUE(is_refused("evil.example", v6));
  EXPECT_TRUE(is_refused("evil.example", Address::ipv4({127, 1, 2, 3}, 80)));
  EXPECT_FALSE(is_refused("files.example", Address::ipv4({10, 0, 0, 1}, 80)));
  EXPECT_FALSE(is_refused("files.example", Address("fd00::1", 80)));
  EXPECT_FALSE(is_refused("files.example", Address::unix_path("/run/x")));
}

TEST(Misdirected, allowed_names) {
  const std::vector<std::string> hosts = {"files.example", "Other.Example"};
  EXPECT_FALSE(is_refused("Files.example:8000", kHere, hosts));
  EXPECT_FALSE(is_refused("other.example.", kHere, hosts));
  EXPECT_TRUE(is_refused("a.files.example", kHere, hosts));
  EXPECT_TRUE(is_refused("files.example.evil", kHere, hosts));
  EXPECT_FALSE(is_refused("anything", kHere, {"*"}));
}

}  // namespace
}  // namespace socketserver::http
