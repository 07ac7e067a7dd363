// Tells every page that listens what time it is, each second; thousands of them on one thread.
//
//   event_ticker [PORT=8083]

#include <chrono>
#include <string>

#include <socketserver/http_server.hpp>
#include <socketserver/server/fiber_mixin.hpp>

#include "example_support.hpp"

using namespace socketserver;

constexpr std::string_view kPage = R"(<!doctype html>
<p id="time">…</p>
<script>
  const time = document.getElementById("time");
  new EventSource("/events").addEventListener("tick", (event) => { time.textContent = event.data; });
</script>
)";

class Ticker : public BaseHTTPRequestHandler {
  void do_GET() override {
    if (path() != "/events") return send_text(200, kPage, "text/html; charset=utf-8");
    http::EventStream events(*this);
    do {
      events.send({.data = date_time_string(), .event = "tick"});
    } while (events.wait(std::chrono::seconds(1)));
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  FiberMixIn<HTTPServer> server({"", arguments.port(0, 8083)}, handler<Ticker>());
  arguments.announce(server);
  server.serve_forever();
}
