// Several sites on one server: DIRECTORY/example.org/ is what http://example.org/ shows.
//
//   virtual_hosts [DIRECTORY=.] [PORT=8084]

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

class VirtualHosts : public SimpleHTTPRequestHandler {
 public:
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;

 private:
  std::optional<http::TargetPath> translate_path(std::string_view target) const override {
    const std::string host = host_name();
    auto place = SimpleHTTPRequestHandler::translate_path(target);
    if (!place || host.empty()) return std::nullopt;
    place->words.insert(place->words.begin(), host);
    return place;
  }

  /// The host that was asked for as a name of a directory; "" when it is none.
  std::string host_name() const {
    std::string host(headers()["Host"]);
    host.erase(std::min(host.find(':'), host.size()));
    for (char& c : host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool harmless =
        host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos &&
        !host.starts_with('.');
    return harmless ? host : "";
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const auto sites = handler<VirtualHosts>(
      {.directory = arguments.word(0, "."), .list_directories = false, .compress = {"gzip"}});
  ThreadingHTTPServer server({"", arguments.port(1, 8084)}, sites);
  arguments.announce(server);
  server.serve_forever();
}
