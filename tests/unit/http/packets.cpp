#include "packets.hpp"

#include <sys/socket.h>

#include <array>

#include <socketserver/base/error.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/server/handler.hpp>

namespace socketserver::testing {

std::vector<std::string> packets_of(BaseServer& server, const std::string& request) {
  // Keeps the borders between writes, and still has an end.
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0) {
    throw_os_error(last_error(), "socketpair");
  }
  Socket client{UniqueFd(ends[0])};
  {
    Request connection{Socket(UniqueFd(ends[1]))};
    client.sendall(request);
    client.shutdown_write();
    server.RequestHandlerClass()(connection, {"127.0.0.1", 4321}, server);
  }
  std::vector<std::string> packets;
  for (;;) {
    packets.push_back(client.recv(std::size_t{1} << 20));
    if (packets.back().empty()) break;
  }
  packets.pop_back();
  return packets;
}

}  // namespace socketserver::testing
