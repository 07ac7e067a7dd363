#include "fastcgi_app.hpp"

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/testing/wait.hpp>

#include "net/poll.hpp"

namespace socketserver::testing {
namespace {

std::size_t byte(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes.at(at));
}

std::string receive_exactly(Socket& connection, std::size_t n) {
  std::string bytes;
  while (bytes.size() < n) {
    const std::string piece = connection.recv(n - bytes.size());
    if (piece.empty()) throw std::runtime_error("the server has closed the connection");
    bytes += piece;
  }
  return bytes;
}

std::size_t take_size(std::string_view& pairs) {
  const std::size_t bytes = byte(pairs, 0) < 0x80 ? 1 : 4;
  std::size_t size = byte(pairs, 0) & 0x7fU;
  for (std::size_t i = 1; i < bytes; ++i) size = size << 8U | byte(pairs, i);
  pairs.remove_prefix(bytes);
  return size;
}

std::map<std::string, std::string> parse_pairs(std::string_view pairs) {
  std::map<std::string, std::string> variables;
  while (!pairs.empty()) {
    const std::size_t name = take_size(pairs);
    const std::size_t value = take_size(pairs);
    variables.emplace(pairs.substr(0, name), pairs.substr(name, value));
    pairs.remove_prefix(name + value);
  }
  return variables;
}

}  // namespace

std::string fastcgi_record(char type, std::string_view content) {
  std::string wire = {1, type, 0, 1};
  wire += static_cast<char>(content.size() >> 8U);
  wire += static_cast<char>(content.size() & 0xffU);
  wire += std::string(2, '\0');
  return wire.append(content);
}

std::string fastcgi_output(std::string_view content) {
  std::string wire;
  constexpr std::size_t kMost = 65535;
  for (; content.size() > kMost; content.remove_prefix(kMost)) {
    wire += fastcgi_record(6, content.substr(0, kMost));
  }
  return wire + fastcgi_record(6, content);
}

std::string fastcgi_errors(std::string_view content) {
  return fastcgi_record(7, content);
}

std::string fastcgi_end(char protocol_status, char application_status) {
  return fastcgi_record(3, std::string{0, 0, 0, application_status, protocol_status, 0, 0, 0});
}

std::string fastcgi_text(std::string_view body) {
  std::string wire = fastcgi_output("Content-Type: text/plain\r\n\r\n");
  if (!body.empty()) wire += fastcgi_output(body);
  return wire + fastcgi_output("") + fastcgi_end();
}

FastCGIApp::FastCGIApp(Answer answer)
    : FastCGIApp(Serve([answer = std::move(answer)](Socket& connection) {
        connection.sendall(answer(receive(connection)));
      })) {}

FastCGIApp::FastCGIApp(Serve serve)
    : address_(Address::unix_path(tree_.path("app.sock"))),
      listener_(Socket::open(AddressFamily::unix_domain, SocketType::stream)) {
  listener_.bind(address_);
  tree_.mode("app.sock", 0777);
  listener_.listen(16);
  thread_ = std::jthread(
      [this, serve = std::move(serve)](const std::stop_token& stop) { run(serve, stop); });
}

FastCGIApp::~FastCGIApp() {
  thread_.request_stop();
  listener_.shutdown(Direction::both);
}

Socket FastCGIApp::accept(Socket& listener, Deadline deadline) {
  pollfd entry{.fd = listener.fileno(), .events = POLLIN, .revents = 0};
  if (const auto ec = detail::poll_until({&entry, 1}, deadline)) throw_os_error(ec, "poll");
  Socket connection = listener.accept().first;
  connection.settimeout(kPatience);
  return connection;
}

void FastCGIApp::run(const Serve& serve, const std::stop_token& stop) {
  std::vector<std::jthread> threads;
  while (!stop.stop_requested()) {
    try {
      threads.emplace_back([&serve, connection = accept(listener_)]() mutable {
        try {
          serve(connection);
        } catch (const std::runtime_error&) {
          // The server went away, as some tests have it.
        }
      });
    } catch (const OSError&) {
      // It has been shut down, or the server has gone away again.
    }
  }
}

FastCGIQuestion FastCGIApp::receive(Socket& connection) {
  constexpr char kBegin = 1;
  constexpr char kParams = 4;
  constexpr char kStdin = 5;
  FastCGIQuestion question;
  std::string pairs;
  for (;;) {
    const std::string header = receive_exactly(connection, 8);
    const std::size_t size = byte(header, 4) << 8U | byte(header, 5);
    const std::string content = receive_exactly(connection, size + byte(header, 6)).substr(0, size);
    if (header[1] == kBegin) question.begin = content;
    if (header[1] == kParams) pairs += content;
    if (header[1] == kStdin && content.empty()) break;
    if (header[1] == kStdin) question.body += content;
  }
  question.variables = parse_pairs(pairs);
  return question;
}

std::string tell_fastcgi_question(const FastCGIQuestion& question) {
  std::string text;
  for (const auto& [name, value] : question.variables) text += name + '=' + value + '\n';
  return fastcgi_text(text + question.body);
}

}  // namespace socketserver::testing
