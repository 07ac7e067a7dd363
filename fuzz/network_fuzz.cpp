// The input is the text of a network.

#include <cstddef>
#include <cstdint>
#include <socketserver/net/network.hpp>
#include <string_view>

#include "require.hpp"

using socketserver::Address;
using socketserver::Network;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto network = Network::parse({reinterpret_cast<const char*>(data), size});
  if (!network) return 0;
  const std::string text = network->to_string();
  require(Network::parse(text) == network, "what is written is read as the same");
  const Address first(text.substr(0, text.find('/')), 1);
  require(network->contains(first), "the first address lies within");
  require(!network->contains(Address::unix_path("/x")), "a Unix socket does not");
  return 0;
}
