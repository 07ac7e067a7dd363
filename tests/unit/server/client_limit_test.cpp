#include "server/client_limit.hpp"

#include <string>

#include <gtest/gtest.h>

namespace socketserver::detail {
namespace {

/// A request that a client has, as far as the limit admits it.
struct Attempt {
  Attempt(ClientLimit& limit, const std::string& host)
      : request(Socket()), admitted(limit.admit(request, Address(host, 4711))) {}

  Request request;
  bool admitted;
};

TEST(ClientLimit, counts_each_address_until_its_requests_end) {
  ClientLimit limit(1);
  Attempt first(limit, "192.0.2.1");
  EXPECT_TRUE(first.admitted);
  EXPECT_FALSE(Attempt(limit, "192.0.2.1").admitted);
  EXPECT_TRUE(Attempt(limit, "192.0.2.2").admitted);
  first.request.close();
  EXPECT_TRUE(Attempt(limit, "192.0.2.1").admitted);
}

TEST(ClientLimit, counts_an_IPv6_network_as_one_client) {
  ClientLimit limit(1);
  const Attempt first(limit, "2001:db8:0:1::1");
  EXPECT_TRUE(first.admitted);
  EXPECT_FALSE(Attempt(limit, "2001:db8:0:1:ffff:ffff:ffff:ffff").admitted);
  EXPECT_TRUE(Attempt(limit, "2001:db8:0:2::1").admitted);
}

TEST(ClientLimit, an_IPv4_address_is_none_of_IPv6) {
  ClientLimit limit(1);
  const Attempt first(limit, "32.1.13.184");
  const Attempt second(limit, "2001:db8::1");
  EXPECT_TRUE(first.admitted);
  EXPECT_TRUE(second.admitted);
}

TEST(ClientLimit, clients_without_address_are_not_counted) {
  ClientLimit limit(1);
  Request first{Socket()};
  Request second{Socket()};
  EXPECT_TRUE(limit.admit(first, Address()));
  EXPECT_TRUE(limit.admit(second, Address()));
}

}  // namespace
}  // namespace socketserver::detail
