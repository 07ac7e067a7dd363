#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/servers.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/journal.hpp"

namespace socketserver::matrix {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using testing::RawClient;
using testing::ServerThread;

/// What the handlers of a test share, in whatever thread or process they run.
struct Stage {
  Journal journal;
  Gate go_on;
};

/// More than the kernel holds for a client that does not read.
constexpr std::size_t kLarge = std::size_t{32} << 20;

/// Says hello, sends much, echoes bodies, ends or takes its connection, waits at a gate, fails.
class Service : public BaseHTTPRequestHandler {
 public:
  explicit Service(Stage* stage) : stage_(*stage) { stage_.journal.add("handler"); }

 protected:
  void do_GET() override {
    if (path() == "/large") return send_large();
    if (path() == "/fail") throw std::runtime_error("as it should");
    if (path() == "/gate") {
      stage_.journal.add("gate");
      stage_.go_on.pass();
    }
    answer(std::string(path()));
  }
  void do_POST() override {
    // Both leave the body unread.
    if (path() == "/close") return request().socket().close();
    if (path() == "/take") return take_connection();
    answer(rfile().read_all(100'000));
  }

 private:
  void answer(std::string_view body) {
    send_response(200);
    end_headers();
    wfile() << body;
  }
  /// Speaks another protocol from now on, without the server.
  void take_connection() {
    Socket own(request().socket().detach());
    own.sendall("taken");
  }
  void send_large() {
    send_response(200);
    end_headers();
    const std::string piece(std::size_t{1} << 20, 'x');
    try {
      for (std::size_t sent = 0; sent < kLarge; sent += piece.size()) wfile() << piece;
    } catch (const OSError&) {
      stage_.journal.add("cut");
      throw;
    }
  }

  Stage& stage_;
};

/// Counts what the hook is asked.
template <class Base>
class Verifying : public Base {
 public:
  Verifying(Address address, StreamHandler request_handler, ServerOptions options, Stage& stage)
      : Base(std::move(address), std::move(request_handler), std::move(options)), stage_(stage) {}

 protected:
  bool verify_request(Request& /*request*/, const Address& /*client_address*/) override {
    stage_.journal.add("verify_request");
    return true;
  }

 private:
  Stage& stage_;
};

inline std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

/// The body of the next answer of a connection, whose head must have this text.
inline std::string body(RawClient& client, std::string_view in_head = "HTTP/1.1 200 OK") {
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find(in_head), head.npos) << head;
  constexpr std::string_view kLength = "Content-Length: ";
  const auto at = head.find(kLength);
  return at == head.npos ? "" : client.read(std::stoul(head.substr(at + kLength.size())));
}

inline bool has_something_to_read(RawClient& client, int milliseconds) {
  pollfd entry{client.socket().fileno(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) > 0;
}

/// Waits for the end of a connection that must come without a word.
inline void expect_silent_end(RawClient& client) {
  EXPECT_EQ(client.read_all(), "");
}

/// Waits for the end of a connection without an answer: a reset where something was unread.
inline void expect_end(RawClient& client) {
  try {
    EXPECT_EQ(client.read_all(), "");
  } catch (const TimeoutError&) {
    throw;
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_reset);
  }
}

template <class ServerUnderTest>
class HTTPEngine : public ::testing::Test {
 protected:
  using Server = Verifying<ServerUnderTest>;

  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    if constexpr (Server::kPreforks) {
      GTEST_SKIP() << "ThreadSanitizer does not support processes forked beside threads";
    }
#endif
  }

  /// @param workers  of a pool, a fiber server and the like; of a prefork one there is always one.
  std::unique_ptr<Server> made(const Limits& limits = {}, std::size_t workers = 2) {
    ServerOptions options{.fork_with_threads = true, .limits = limits, .log = {}};
    // One process to which the limits apply; fewer threads than connections.
    options.workers = Server::kPreforks ? 1 : workers;
    return make_server<Server>(Address("127.0.0.1", 0), handler<Service>(&stage),
                               std::move(options), stage);
  }

  Stage stage;
};

using Servers =
    ::testing::Types<HTTPServer, ThreadingHTTPServer, ThreadPoolHTTPServer, ForkingHTTPServer,
                     FiberHTTPServer, PreforkMixIn<HTTPServer>, PreforkMixIn<FiberHTTPServer>>;

struct ServerNames {
  template <class Server>
  static std::string GetName(int index) {
    constexpr std::string_view kNames[] = {
        "HTTPServer",      "ThreadingHTTPServer", "ThreadPoolHTTPServer",  "ForkingHTTPServer",
        "FiberHTTPServer", "PreforkHTTPServer",   "PreforkFiberHTTPServer"};
    return std::string(kNames[index]);
  }
};

}  // namespace socketserver::matrix
