#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>

#include "temporary_tree.hpp"

namespace socketserver::testing {

/// A record of request 1: of STDOUT, STDERR or whatever type it is.
std::string fastcgi_record(char type, std::string_view content);
std::string fastcgi_output(std::string_view content);
std::string fastcgi_errors(std::string_view content);

/// An END_REQUEST record.
std::string fastcgi_end(char protocol_status = 0, char application_status = 0);

/// A whole answer of plain text.
std::string fastcgi_text(std::string_view body);

/// What a FastCGI application has been asked.
struct FastCGIQuestion {
  std::string begin;  ///< Content of the BEGIN_REQUEST.
  std::map<std::string, std::string> variables;
  std::string body;
};

/// A FastCGI application for tests, on a Unix socket of its own: a thread for each
/// connection.
class FastCGIApp {
 public:
  /// Answers a request that was received as a whole; what it returns is sent, and the connection
  /// closed. Many at once.
  using Answer = std::function<std::string(const FastCGIQuestion&)>;

  /// Does anything with a connection, which is closed then. Many at once.
  using Serve = std::function<void(Socket&)>;

  explicit FastCGIApp(Answer answer);
  explicit FastCGIApp(Serve serve);
  ~FastCGIApp();
  FastCGIApp(const FastCGIApp&) = delete;
  FastCGIApp& operator=(const FastCGIApp&) = delete;

  const Address& address() const noexcept { return address_; }

  /// Waits for the next connection to a socket that listens.
  static Socket accept(Socket& listener, Deadline deadline = Deadline::never());

  /// Receives a whole request.
  static FastCGIQuestion receive(Socket& connection);

 private:
  void run(const Serve& serve, const std::stop_token& stop);

  TemporaryTree tree_;
  Address address_;
  Socket listener_;
  std::jthread thread_;
};

/// A FastCGIApp::Answer: the variables, a line "NAME=value" each, then the body.
std::string tell_fastcgi_question(const FastCGIQuestion& question);

}  // namespace socketserver::testing
