#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/net/network.hpp>

namespace socketserver {
namespace {

bool lies_within(const std::string& host, std::string_view network) {
  return Network::parse(network).value().contains(Address(host, 1));
}

TEST(Network, contains_what_has_its_first_bits) {
  EXPECT_TRUE(lies_within("10.0.0.0", "10.0.0.0/8"));
  EXPECT_TRUE(lies_within("10.255.255.255", "10.0.0.0/8"));
  EXPECT_FALSE(lies_within("11.0.0.0", "10.0.0.0/8"));
  EXPECT_FALSE(lies_within("9.255.255.255", "10.0.0.0/8"));
  EXPECT_TRUE(lies_within("172.31.255.255", "172.16.0.0/12"));
  EXPECT_FALSE(lies_within("172.32.0.0", "172.16.0.0/12"));
  EXPECT_TRUE(lies_within("192.168.1.127", "192.168.1.0/25"));
  EXPECT_FALSE(lies_within("192.168.1.128", "192.168.1.0/25"));
  EXPECT_TRUE(lies_within("fd12:3456::1", "fc00::/7"));
  EXPECT_FALSE(lies_within("fe80::1", "fc00::/7"));
  EXPECT_TRUE(lies_within("2001:db8:0:ffff::1", "2001:db8::/47"));
  EXPECT_FALSE(lies_within("2001:db8:2::1", "2001:db8::/47"));
}

TEST(Network, an_address_alone_is_that_address) {
  EXPECT_TRUE(lies_within("127.0.0.1", "127.0.0.1"));
  EXPECT_TRUE(lies_within("127.0.0.1", "127.0.0.1/32"));
  EXPECT_FALSE(lies_within("127.0.0.2", "127.0.0.1"));
  EXPECT_TRUE(lies_within("::1", "::1"));
  EXPECT_FALSE(lies_within("::2", "::1"));
}

TEST(Network, no_bits_are_all_of_an_IP_version) {
  EXPECT_TRUE(lies_within("203.0.113.9", "0.0.0.0/0"));
  EXPECT_FALSE(lies_within("2001:db8::1", "0.0.0.0/0"));
  EXPECT_TRUE(lies_within("2001:db8::1", "::/0"));
  EXPECT_FALSE(lies_within("203.0.113.9", "::/0"));
}

TEST(Network, a_mapped_one_is_IPv4) {
  EXPECT_TRUE(lies_within("10.1.2.3", "::ffff:10.0.0.0/104"));
  EXPECT_TRUE(lies_within("::ffff:10.1.2.3", "10.0.0.0/8"));
  EXPECT_EQ(Network::parse("::ffff:10.0.0.0/104"), Network::parse("10.0.0.0/8"));
}

TEST(Network, unix_sockets_have_no_ip_address) {
  EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains(Address::unix_path("/run/x")));
  EXPECT_FALSE(Network::parse("::/0")->contains(Address()));
}

TEST(Network, what_is_none) {
  using namespace std::string_literals;
  for (const std::string& text : {""s,
                                  "/"s,
                                  "/8"s,
                                  "10.0.0.0/"s,
                                  "10.0.0.0/33"s,
                                  "10.0.0.0/-1"s,
                                  "10.0.0.0/8x"s,
                                  "10.0.0.0/ 8"s,
                                  "10.0.0.0 /8"s,
                                  "10.0.0/8"s,
                                  "10.0.0.1/8"s,
                                  "::1/127"s,
                                  "::/129"s,
                                  "localhost"s,
                                  "[::1]"s,
                                  "fe80::1%lo"s,
                                  "10.0.0.0/8/8"s,
                                  "10.0.0.0\0/8"s,
                                  "10.0.0.0/8\0"s,
                                  "10.0.0.0/99999999999999999999"s,
                                  "010.0.0.0/8"s}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

TEST(Network, to_string) {
  for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "::1/128"}) {
    EXPECT_EQ(Network::parse(text).value().to_string(), text);
  }
  EXPECT_EQ(Network::parse("127.0.0.1").value().to_string(), "127.0.0.1/32");
}

TEST(Network, several) {
  const std::vector<Network> both = {*Network::parse("10.0.0.0/8"), *Network::parse("::1")};
  EXPECT_TRUE(contains(both, Address("10.9.8.7", 1)));
  EXPECT_TRUE(contains(both, Address("::1", 1)));
  EXPECT_FALSE(contains(both, Address("127.0.0.1", 1)));
  EXPECT_FALSE(contains({}, Address("127.0.0.1", 1)));
}

TEST(ClientKey, who_counts_as_one) {
  const auto key = [](const char* host) { return client_key(Address(host, 1)); };
  EXPECT_EQ(key("192.0.2.1"), std::string("\xc0\x00\x02\x01", 4));
  EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
  EXPECT_EQ(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff:ffff:ffff:ffff"));
  EXPECT_NE(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
  EXPECT_EQ(key("::ffff:192.0.2.1"), key("192.0.2.1"));
  EXPECT_EQ(key("64:ff9b::192.0.2.1"), key("192.0.2.1"));
  EXPECT_NE(key("64:ff9b::192.0.2.1"), key("64:ff9b::192.0.2.2"));
  EXPECT_NE(key("64:ff9b:1::192.0.2.1"), key("192.0.2.1"));
  EXPECT_NE(key("fe80::1"), key("fe80::2"));
  const std::array<std::uint8_t, 16> link_local = {0xfe, 0x80};
  EXPECT_NE(client_key(Address::ipv6(link_local, 1, 0, 1)),
            client_key(Address::ipv6(link_local, 1, 0, 2)));
  EXPECT_EQ(client_key(Address::unix_path("/run/x")), "");
}

}  // namespace
}  // namespace socketserver
