// Serves the directory of its argument.

#include <socketserver/http_server.hpp>

#include "run_server.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  ThreadingHTTPServer server({"127.0.0.1", 0},
                             handler<SimpleHTTPRequestHandler>({.directory = argv[1]}));
  return testing::run_server(server);
}
