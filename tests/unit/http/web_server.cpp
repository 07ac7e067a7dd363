#include "web_server.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include <socketserver/testing/wait.hpp>

namespace socketserver::testing {
namespace {

ServerOptions options_with(const LogRecorder& log, const Limits& limits) {
  ServerOptions options;
  options.limits = limits;
  options.log = log.sink();
  return options;
}

}  // namespace

ServerOptions quiet() {
  ServerOptions options;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

struct LogRecorder::State {
  std::mutex mutex;
  std::vector<std::pair<LogLevel, std::string>> messages;
};

LogRecorder::LogRecorder() : state_(std::make_shared<State>()) {}

LogSink LogRecorder::sink() const {
  return [state = state_](LogLevel level, std::string_view message) {
    const std::lock_guard lock(state->mutex);
    state->messages.emplace_back(level, message);
  };
}

std::vector<std::string> LogRecorder::messages(LogLevel least) const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> found;
  for (const auto& [level, message] : state_->messages) {
    if (level >= least) found.push_back(message);
  }
  return found;
}

bool LogRecorder::has(std::string_view text, LogLevel least) const {
  return std::ranges::any_of(messages(least), [&](const std::string& message) {
    return message.find(text) != std::string::npos;
  });
}

void LogRecorder::wait_for(std::string_view text, LogLevel least) const {
  wait_until("the log has: " + std::string(text), [&] { return has(text, least); });
}

WebServer::WebServer(StreamHandler request_handler, const Limits& limits)
    : server_(std::move(request_handler), options_with(log_, limits)) {}

std::string WebServer::ask(std::string_view request) const {
  RawClient client = connect();
  client.send(request);
  return client.read_all();
}

Answer WebServer::get(std::string_view target, std::string_view headers) const {
  RawClient client = connect();
  client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) +
              "\r\n");
  return read_answer(client);
}

bool WebServer::is_well() const {
  return get("/").status < 500;
}

void echo_request(BaseHTTPRequestHandler& self) {
  const std::string body = self.rfile().read_all(std::size_t{16} << 20);
  self.send_response(200);
  self.send_header("Content-Type", "text/plain");
  self.end_headers();
  self.wfile() << "command=" << self.command() << "\npath=" << self.path()
               << "\nversion=" << self.request_version() << "\nrequestline=" << self.requestline()
               << '\n';
  for (const auto [name, value] : self.headers()) self.wfile() << name << ": " << value << '\n';
  self.wfile() << '\n' << body;
}

void send_text(BaseHTTPRequestHandler& self, std::string_view body) {
  self.send_response(200);
  self.send_header("Content-Type", "text/plain");
  self.send_header("Content-Length", std::to_string(body.size()));
  self.end_headers();
  self.wfile().write(body);
}

}  // namespace socketserver::testing
