// What a user's first web server needs from the installed package: socketserver::http.

#include <iostream>
#include <socketserver/http_server.hpp>

int main() {
  socketserver::HTTPServer server({"127.0.0.1", 0},
                                  socketserver::handler<socketserver::SimpleHTTPRequestHandler>());
  std::cout << server.server_address().port() << '\n';
}
