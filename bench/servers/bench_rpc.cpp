// bench_rpc: functions by XML-RPC, registered once, under every engine of the library.

#include <cstdint>

#include <socketserver/xmlrpc.hpp>

#include "servers/choice.hpp"

namespace {

using namespace socketserver;

int add(int a, int b) {
  return a + b;
}

xmlrpc::Value echo(xmlrpc::Value goods) {
  return goods;
}

/// What the command line asks for.
struct Job {
  std::uint16_t port = 0;
};

template <class Server>
void serve(const Job& job) {
  Server server({"127.0.0.1", job.port}, XMLRPCOptions{.log_requests = false}, bench::unbounded());
  server.register_multicall_functions();
  server.template register_function<&add>();
  server.template register_function<&echo>();
  bench::announce_and_serve(server);
}

constexpr bench::Row<Job> kServers[] = {
    {"sync", serve<SimpleXMLRPCServer>},  {"thread", serve<ThreadingXMLRPCServer>},
    {"fiber", serve<FiberXMLRPCServer>},  {"pool", serve<ThreadPoolXMLRPCServer>},
    {"fork", serve<ForkingXMLRPCServer>},
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App program(
      "Serves `add` and `echo` by XML-RPC with the library; prints \"ready PORT\" and serves until "
      "SIGTERM.");
  Job job;
  return bench::serve_chosen<Job>(program, argc, argv, "bench_rpc", kServers, job);
}
