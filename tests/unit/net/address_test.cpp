#include <socketserver/net/address.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace socketserver {
namespace {

using namespace std::string_literals;

std::string printed(const Address& address) {
  std::ostringstream out;
  out << address;
  return out.str();
}

TEST(Address, names_nothing_at_first) {
  const Address nothing;
  EXPECT_EQ(nothing.family(), AddressFamily::unspecified);
  EXPECT_EQ(nothing.host(), "");
  EXPECT_EQ(nothing.port(), 0);
  EXPECT_EQ(nothing.path(), "");
  EXPECT_TRUE(nothing.ip_bytes().empty());
  EXPECT_FALSE(nothing.is_unspecified());
  EXPECT_EQ(nothing, Address());
}

struct Shown {
  const char* what;
  Address address;
  AddressFamily family;
  std::string host;
  std::string python;  // operator<<
  std::string text;    // to_string
};

TEST(Address, shows_itself_as_python_does_and_as_urls_want) {
  const Shown shown[] = {
      {"IPv4", Address("127.0.0.1", 56210), AddressFamily::inet, "127.0.0.1",
       "('127.0.0.1', 56210)", "127.0.0.1:56210"},
      {"IPv6", Address("::1", 8000), AddressFamily::inet6, "::1", "('::1', 8000, 0, 0)",
       "[::1]:8000"},
      {"brackets", Address("[2001:db8::7]", 1), AddressFamily::inet6, "2001:db8::7",
       "('2001:db8::7', 1, 0, 0)", "[2001:db8::7]:1"},
      {"zone by number", Address("fe80::1%3", 1), AddressFamily::inet6, "fe80::1",
       "('fe80::1', 1, 0, 3)", "[fe80::1%3]:1"},
      {"zone by name", Address("fe80::1%lo", 1), AddressFamily::inet6, "fe80::1",
       "('fe80::1', 1, 0, 1)", "[fe80::1%1]:1"},
      {"mapped IPv4", Address("::ffff:10.0.0.1", 5), AddressFamily::inet, "10.0.0.1",
       "('10.0.0.1', 5)", "10.0.0.1:5"},
      {"every interface", Address("", 80), AddressFamily::inet, "0.0.0.0", "('0.0.0.0', 80)",
       "0.0.0.0:80"},
      {"every IPv6 interface", Address("::", 80), AddressFamily::inet6, "::", "('::', 80, 0, 0)",
       "[::]:80"},
      {"flow", Address::ipv6({0x20, 1}, 1, 7, 9), AddressFamily::inet6,
       "2001::", "('2001::', 1, 7, 9)", "[2001::%9]:1"},
      {"Unix path", Address::unix_path("/run/x.sock"), AddressFamily::unix_domain, "",
       "/run/x.sock", "unix:/run/x.sock"},
      {"Unix abstract", Address::unix_abstract("name"), AddressFamily::unix_domain, "", "@name",
       "unix:@name"},
      {"Unix unnamed", Address::unix_path(""), AddressFamily::unix_domain, "", "", "unix:"},
      {"nothing", Address(), AddressFamily::unspecified, "", "None", "nobody"},
  };
  for (const Shown& s : shown) {
    SCOPED_TRACE(s.what);
    EXPECT_EQ(s.address.family(), s.family);
    EXPECT_EQ(s.address.host(), s.host);
    EXPECT_EQ(printed(s.address), s.python);
    EXPECT_EQ(s.address.to_string(), s.text);
  }
}

TEST(Address, unpacks_into_host_and_port) {
  const auto [host, port] = Address("127.0.0.1", 9999);
  EXPECT_EQ(host, "127.0.0.1");
  EXPECT_EQ(port, 9999);
}

TEST(Address, SS_014_every_interface_is_dual_stack_and_shows_as_0_0_0_0) {
  const Address any("", 80);
  EXPECT_TRUE(any.is_any_dual_stack());
  EXPECT_TRUE(any.is_unspecified());
  EXPECT_EQ(any.host(), "0.0.0.0");
  EXPECT_TRUE(any.with_port(81).is_any_dual_stack());
  EXPECT_FALSE(Address("0.0.0.0", 80).is_any_dual_stack());
  EXPECT_TRUE(Address("0.0.0.0", 80).is_unspecified());
  EXPECT_TRUE(Address("::", 80).is_unspecified());
  EXPECT_FALSE(Address("127.0.0.1", 80).is_unspecified());
  EXPECT_FALSE(Address::unix_path("/x").is_unspecified());
}

TEST(Address, SS_006_refuses_ports_out_of_range) {
  for (const int port : {-1, 65536, 99999, -65536}) {
    EXPECT_THROW(Address("127.0.0.1", port), std::out_of_range) << port;
    EXPECT_THROW(Address::resolve("127.0.0.1", port), std::out_of_range) << port;
  }
  EXPECT_EQ(Address("127.0.0.1", 65535).port(), 65535);
  EXPECT_EQ(Address("127.0.0.1", 0).port(), 0);
}

TEST(Address, equal_when_they_name_the_same_end_point) {
  EXPECT_EQ(Address("127.0.0.1", 80), Address::ipv4({127, 0, 0, 1}, 80));
  EXPECT_NE(Address("127.0.0.1", 80), Address("127.0.0.1", 81));
  EXPECT_NE(Address("127.0.0.1", 80), Address("127.0.0.2", 80));
  EXPECT_EQ(Address("::ffff:1.2.3.4", 80), Address("1.2.3.4", 80));
  EXPECT_NE(Address("::1", 80), Address("0.0.0.1", 80));
  EXPECT_NE(Address("fe80::1%1", 80), Address("fe80::1%2", 80));
  EXPECT_EQ(Address::unix_path("/a"), Address::unix_path("/a"));
  EXPECT_NE(Address::unix_path("/a"), Address::unix_path("/b"));
  EXPECT_NE(Address::unix_path("a"), Address::unix_abstract("a"));
  EXPECT_NE(Address::unix_path(""), Address());
}

TEST(Address, with_port_changes_nothing_else) {
  const Address scoped("fe80::1%3", 80);
  EXPECT_EQ(scoped.with_port(81), Address("fe80::1%3", 81));
  EXPECT_EQ(scoped.port(), 80);
}

TEST(Address, gives_its_bytes_in_network_order) {
  const Address v4("10.1.2.3", 80);
  const auto bytes = v4.ip_bytes();
  EXPECT_EQ(std::vector(bytes.begin(), bytes.end()), (std::vector<std::uint8_t>{10, 1, 2, 3}));
  const Address v6("2001:db8::1", 80);
  EXPECT_EQ(v6.ip_bytes().size(), 16u);
  EXPECT_EQ(v6.ip_bytes().back(), 1);
}

TEST(Address, an_abstract_name_may_hold_any_byte) {
  const Address address = Address::unix_abstract("a\0b"s);
  EXPECT_EQ(address.path(), "\0a\0b"s);
}

TEST(Address, a_host_is_not_cut_at_a_nul_byte) {
  EXPECT_THROW(Address("127.0.0.1\0.example"s, 80), std::invalid_argument);
  EXPECT_THROW(Address("::1\0"s, 80), std::invalid_argument);
}

TEST(AddressLookUp, prefers_IPv4) {
  const Address address("localhost", 80);
  EXPECT_EQ(address.family(), AddressFamily::inet);
  EXPECT_EQ(address.host(), "127.0.0.1");
}

TEST(AddressLookUp, resolve_gives_every_address_with_the_port) {
  const auto found = Address::resolve("localhost", 4711);
  ASSERT_FALSE(found.empty());
  EXPECT_TRUE(std::ranges::all_of(found, [](const Address& a) { return a.port() == 4711; }));
  EXPECT_NE(std::ranges::find(found, Address("127.0.0.1", 4711)), found.end());
}

TEST(AddressLookUp, resolve_of_a_literal_looks_nothing_up) {
  EXPECT_EQ(Address::resolve("[::1]", 1), std::vector{Address("::1", 1)});
  EXPECT_TRUE(Address::resolve("", 1).front().is_any_dual_stack());
}

TEST(AddressLookUp, a_failure_names_the_name) {
  // Not a valid name, so no resolver is asked.
  const std::string name(300, 'x');
  try {
    const Address address(name, 80);
    FAIL() << address;
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.code().category().name(), "getaddrinfo");
    EXPECT_EQ(std::string(error.what()).rfind("resolve " + name + ": ", 0), 0u) << error.what();
  }
}

TEST(AddressParse, reads_what_to_string_writes) {
  const Address addresses[] = {
      Address("127.0.0.1", 80),       Address("0.0.0.0", 0),
      Address("::1", 65535),          Address("fe80::1%3", 80),
      Address::unix_path("/run/a:b"), Address::unix_path("relative"),
      Address::unix_abstract("name"), Address::unix_abstract("a:b"),
  };
  for (const Address& address : addresses) {
    EXPECT_EQ(Address::parse(address.to_string()), address) << address;
  }
}

TEST(AddressParse, reads_the_other_spellings) {
  EXPECT_TRUE(Address::parse(":80").is_any_dual_stack());
  EXPECT_EQ(Address::parse(":80").port(), 80);
  EXPECT_EQ(Address::parse("localhost:80"), Address("127.0.0.1", 80));
  EXPECT_EQ(Address::parse("[::ffff:1.2.3.4]:80"), Address("1.2.3.4", 80));
}

TEST(AddressParse, refuses_what_is_no_address_and_quotes_it) {
  for (const auto& text : {"",
                           "80",
                           "localhost",
                           "localhost:",
                           "localhost:http",
                           "localhost:65536",
                           "localhost:-1",
                           "localhost:-0",
                           "localhost:+80",
                           "localhost: 80",
                           "localhost:80 ",
                           "::1",
                           "::1:80",
                           "[::1]",
                           "[::1]80",
                           "[::1:80",
                           "::1]:80",
                           "[]:80",
                           "[127.0.0.1]:80",
                           "[zz]:80",
                           "a:b:80",
                           "unix:"}) {
    try {
      const Address address = Address::parse(text);
      ADD_FAILURE() << '"' << text << "\" was taken for " << address;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
  }
}

TEST(Address, copies_of_a_unix_path_live_on_alone) {
  Address copy;
  {
    const Address original = Address::unix_path("/run/long/enough/to/need/the/heap.sock");
    copy = original;
    EXPECT_EQ(copy, original);
  }
  EXPECT_EQ(copy.path(), "/run/long/enough/to/need/the/heap.sock");
  const Address moved = std::move(copy);
  EXPECT_EQ(moved.path(), "/run/long/enough/to/need/the/heap.sock");
  EXPECT_EQ(Address().path(), "");
}

}  // namespace
}  // namespace socketserver
