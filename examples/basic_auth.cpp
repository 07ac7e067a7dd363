// Files for who knows the password. Put TLS in front of it: basic authentication hides nothing.
//
//   basic_auth USER:PASSWORD [DIRECTORY=.] [PORT=8085]

#include <string>

#include <socketserver/http_server.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

using namespace socketserver;

class GuardedServer : public ThreadingHTTPServer {
 public:
  using ThreadingHTTPServer::ThreadingHTTPServer;
  std::string authorization;  // constant while serving
};

/// Takes as long for a guess that is nearly right as for any other.
bool same(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  }
  return difference == 0;
}

class Guarded : public SimpleHTTPRequestHandler {
 public:
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;

 private:
  bool dispatch(std::string_view command) override {
    if (same(headers()["Authorization"], server_as<GuardedServer>().authorization)) {
      return SimpleHTTPRequestHandler::dispatch(command);
    }
    http::Headers challenge;
    challenge.add("WWW-Authenticate", R"(Basic realm="files", charset="UTF-8")");
    send_error(401, std::nullopt, std::nullopt, challenge);
    return true;
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  auto server = make_server<GuardedServer>({"", arguments.port(2, 8085)},
                                           handler<Guarded>({.directory = arguments.word(1, ".")}));
  server->authorization = "Basic " + example::base64(arguments.word(0, ""));
  arguments.announce(*server);
  server->serve_forever();
}
