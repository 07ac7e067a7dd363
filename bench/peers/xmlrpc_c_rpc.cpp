// `add` and `echo` with the Abyss server of xmlrpc-c: a thread for each connection.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <iostream>

namespace {

constexpr unsigned kHour = 3600;
constexpr unsigned kConnections = 4096;
constexpr unsigned kNoLimit = 1'000'000'000;

xmlrpc_value* add(xmlrpc_env* env, xmlrpc_value* params, void* /*info*/, void* /*call*/) {
  xmlrpc_int32 a = 0;
  xmlrpc_int32 b = 0;
  xmlrpc_decompose_value(env, params, "(ii)", &a, &b);
  return env->fault_occurred ? nullptr : xmlrpc_build_value(env, "i", a + b);
}

xmlrpc_value* echo(xmlrpc_env* env, xmlrpc_value* params, void* /*info*/, void* /*call*/) {
  xmlrpc_value* goods = nullptr;
  xmlrpc_array_read_item(env, params, 0, &goods);
  return goods;
}

/// Listens on 127.0.0.1; Abyss does so only once it runs, after the port is printed. Connections
/// inherit that no answer waits for the client to acknowledge the one before. −1 on failure.
int listen_on_loopback(std::uint16_t port, sockaddr_in& address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socklen_t length = sizeof address;
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
                        ::bind(fd, place, length) == 0 && ::listen(fd, SOMAXCONN) == 0 &&
                        ::getsockname(fd, place, &length) == 0;
  return is_bound ? fd : -1;
}

void end(int) {
  ::_exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  CLI::App program("Serves XML-RPC with xmlrpc-c; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  CLI11_PARSE(program, argc, argv);

  std::signal(SIGTERM, end);
  sockaddr_in address{};
  const int listener = listen_on_loopback(port, address);
  if (listener < 0) {
    std::cerr << "bench_peer_xmlrpc_c: no socket on 127.0.0.1:" << port << '\n';
    return 1;
  }

  xmlrpc_env env;
  xmlrpc_env_init(&env);
  xmlrpc_registry* const registry = xmlrpc_registry_new(&env);
  xmlrpc_registry_add_method2(&env, registry, "add", add, "i:ii", "Adds.", nullptr);
  xmlrpc_registry_add_method2(&env, registry, "echo", echo, "A:A", "Returns it.", nullptr);

  xmlrpc_server_abyss_parms parameters{};
  parameters.registryP = registry;
  parameters.socket_bound = 1;
  parameters.socket_handle = listener;
  parameters.keepalive_timeout = kHour;
  parameters.keepalive_max_conn = kNoLimit;
  parameters.timeout = kHour;
  parameters.max_conn = kConnections;
  parameters.max_conn_backlog = kConnections;
  xmlrpc_server_abyss_global_init(&env);
  xmlrpc_server_abyss_t* server = nullptr;
  xmlrpc_server_abyss_create(&env, &parameters, XMLRPC_APSIZE(max_conn_backlog), &server);
  if (!env.fault_occurred) {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned point = 0;
    xmlrpc_version(&major, &minor, &point);
    std::cout << "ready " << ntohs(address.sin_port) << " xmlrpc-c " << major << '.' << minor << '.'
              << point << std::endl;
    xmlrpc_server_abyss_run_server(&env, server);
  }
  std::cerr << "bench_peer_xmlrpc_c: " << env.fault_string << '\n';
  return 1;
}
