#pragma once

#include <cstddef>
#include <mutex>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/testing/wait.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace socketserver::xmlrpc {

/// What a connection is answered with: one answer for each request, as raw bytes. None at all ("")
/// closes the connection at once.
struct Script {
  std::vector<std::string> answers;
  /// After the last answer: wait until the client closes, or close.
  bool stay = true;
};

/// A server that knows no HTTP: it reads requests, keeps them, and sends what it was told to, to
/// one connection after the other.
class CannedServer {
 public:
  explicit CannedServer(std::vector<Script> scripts,
                        const Address& address = Address("127.0.0.1", 0));
  ~CannedServer();
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  const Address& address() const noexcept { return address_; }

  /// "http://127.0.0.1:port" with `path` behind it, and `credentials` ("user:secret@") in it.
  std::string url(std::string_view path = "", std::string_view credentials = "") const;

  /// What has been received, heads and bodies; waits until there are `count`.
  std::vector<std::string> requests(std::size_t count = 1);

  /// Waits until `count` connections have ended.
  void wait_closed(int count) { closed_.wait(count); }

  int accepted() const { return accepted_.count(); }

 private:
  void run();
  void play(Socket connection, const Script& script);

  const std::vector<Script> scripts_;
  Socket listener_;
  Address address_;
  testing::Event accepted_{"a connection"};
  testing::Event received_{"a request"};
  testing::Event closed_{"the end of a connection"};
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// An answer with a length, as servers send it.
std::string answer(std::string_view body, std::string_view fields = "",
                   std::string_view status = "200 OK");

/// A response document with these `<value>`s, given as their content: "<int>1</int>".
std::string document(const std::vector<std::string>& values);

/// The answer to a call that returned the number.
std::string number(int value);

/// The answer to a call that failed.
std::string fault(int code, std::string_view text);

}  // namespace socketserver::xmlrpc
