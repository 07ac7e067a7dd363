// "Hello, World!" with cpp-httplib.

#include <httplib.h>

int main() {
  httplib::Server server;
  server.Get(".*", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("Hello, World!", "text/plain");
  });
  server.listen("0.0.0.0", 8080);
}
