#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>

#include <socketserver/server/request.hpp>

namespace socketserver {
namespace {

TEST(Request, takes_little_memory_because_servers_keep_many) {
  if (sizeof(void*) != 8) GTEST_SKIP() << "sizes of other machines differ";
  EXPECT_LE(sizeof(Request), 104u);
}

TEST(Request, counts_messages_to_the_end_of_its_counter) {
  Request request{Socket()};
  request.park(Deadline::never(), 7);
  EXPECT_EQ(request.messages_served(), 7u);
  request.park(Deadline::never(), std::numeric_limits<std::size_t>::max());
  EXPECT_EQ(request.messages_served(), std::numeric_limits<std::uint32_t>::max())
      << "not 0: that would be a new connection";
}

}  // namespace
}  // namespace socketserver
