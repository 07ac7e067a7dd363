#include "xmlrpc/connect.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver::xmlrpc {
namespace {

Socket bound() {
  Socket socket = Socket::open(AddressFamily::inet, SocketType::stream);
  socket.bind({"127.0.0.1", 0});
  return socket;
}

Socket connect(const std::vector<Address>& addresses) {
  return connect_to_any(addresses, Deadline::after(testing::kPatience), Waiter::thread());
}

bool has_nodelay(const Socket& socket) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket.fileno(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
  return value != 0;
}

TEST(ConnectToAny, sends_at_once_whichever_address_it_is) {
  Socket listener = bound();
  listener.listen(16);
  const Address good = listener.getsockname();
  const Socket refusing = bound();
  const Address bad = refusing.getsockname();
  for (const auto& addresses : {std::vector{good}, std::vector{good, bad}, std::vector{bad, good},
                                std::vector{bad, good, bad}}) {
    const Socket socket = connect(addresses);
    EXPECT_EQ(socket.getpeername(), good);
    EXPECT_TRUE(has_nodelay(socket));
  }
}

TEST(ConnectToAny, the_last_address_tells_why) {
  const Socket first = bound();
  const Socket last = bound();
  try {
    (void)connect({first.getsockname(), last.getsockname()});
    FAIL() << "nobody listens";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_refused);
    EXPECT_NE(std::string(error.what()).find(last.getsockname().to_string()), std::string::npos);
  }
}

}  // namespace
}  // namespace socketserver::xmlrpc
