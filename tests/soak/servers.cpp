#include "tests/soak/servers.hpp"

#include <map>
#include <stdexcept>

#include <socketserver/socketserver.hpp>

namespace socketserver::soak {
namespace {

struct EchoLines : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

struct EchoPacket : DatagramRequestHandler {
  void handle() override { wfile().write(packet()); }
};

template <class Server, class Handler>
EchoServer make(const ServerOptions& options) {
  return {std::make_unique<Server>(Address("127.0.0.1", 0), handler<Handler>(), options),
          Server::kPreforks};
}

using Make = EchoServer (*)(const ServerOptions&);

template <class TCP, class UDP>
void add(std::map<std::string, Make>& classes, const std::string& engine) {
  classes[engine + "TCPServer"] = make<TCP, EchoLines>;
  classes[engine + "UDPServer"] = make<UDP, EchoPacket>;
}

std::map<std::string, Make> all_classes() {
  std::map<std::string, Make> classes;
  add<TCPServer, UDPServer>(classes, "");
  add<ThreadingTCPServer, ThreadingUDPServer>(classes, "Threading");
  add<ThreadPoolTCPServer, ThreadPoolUDPServer>(classes, "ThreadPool");
  add<FiberTCPServer, FiberUDPServer>(classes, "Fiber");
  add<ForkingTCPServer, ForkingUDPServer>(classes, "Forking");
  add<PreforkMixIn<TCPServer>, PreforkMixIn<UDPServer>>(classes, "Prefork");
  add<PreforkMixIn<FiberTCPServer>, PreforkMixIn<FiberUDPServer>>(classes, "PreforkFiber");
  return classes;
}

}  // namespace

EchoServer make_echo_server(const std::string& name, std::size_t workers) {
  const auto classes = all_classes();
  const auto found = classes.find(name);
  if (found == classes.end()) throw std::invalid_argument("no such class: " + name);
  return found->second({.max_packet_size = 65'536, .workers = workers});
}

}  // namespace socketserver::soak
