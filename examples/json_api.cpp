// Counters that programs keep by JSON over HTTP.
//
//   json_api [PORT=8081]     curl -X POST 'localhost:8081/counters?name=apples'
//                            curl localhost:8081/counters

#include <map>
#include <mutex>
#include <string>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

class CounterServer : public ThreadingHTTPServer {
 public:
  using ThreadingHTTPServer::ThreadingHTTPServer;

  int increment(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return ++counters_[name];
  }

  std::string json() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [name, count] : counters_) {
      text += text.empty() ? "{\"" : ",\"";
      text += http::escape_json(name) + "\":" + std::to_string(count);
    }
    return text.empty() ? "{}" : text + '}';
  }

 private:
  Mutex mutex_;
  std::map<std::string, int> counters_;
};

class Counters : public BaseHTTPRequestHandler {
  void do_GET() override { send_json(counters().json()); }

  void do_POST() override {
    const std::string name(query()["name"]);
    if (name.empty()) return send_json(422, R"({"error":"a counter needs a name"})");
    send_json(std::to_string(counters().increment(name)));
  }

  CounterServer& counters() {
    if (!path().starts_with("/counters")) throw http::RequestError(404, "Only counters are here.");
    return server_as<CounterServer>();
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  auto server = make_server<CounterServer>({"", arguments.port(0, 8081)}, handler<Counters>());
  arguments.announce(*server);
  server->serve_forever();
}
