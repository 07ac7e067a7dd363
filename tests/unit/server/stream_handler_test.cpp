#include <socketserver/server/stream_handler.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/net/signal_storm.hpp"
#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::RawClient;
using testing::TestServer;

/// A stream handler whose settings and work a test decides.
struct Adjustable : StreamRequestHandler {
  struct Options {
    std::function<void(Adjustable&)> work = [](Adjustable&) {};
    std::size_t write_buffer = 0;
    std::optional<Duration> limit = {};
    bool nodelay = false;
  };

  explicit Adjustable(const Options& options) : options_(options) {}

  void handle() override { options_.work(*this); }
  std::size_t wbufsize() const override { return options_.write_buffer; }
  std::optional<Duration> timeout() const override { return options_.limit; }
  bool disable_nagle_algorithm() const override { return options_.nodelay; }

  const Options& options_;
};

TEST(StreamHandler, SS_099_recv_gives_pieces_and_readline_lines) {
  Event got_piece("recv() has its piece");
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    const std::string piece = self.request().recv(1024);
    got_piece.set();
    self.wfile() << '[' << piece << "][" << self.rfile().readline().value_or("none") << ']';
  });
  RawClient client(server.address());
  client.send("ab");
  got_piece.wait();
  client.send("cd");
  client.send("ef\n");
  EXPECT_EQ(client.read_all(), "[ab][cdef\n]");
}

TEST(StreamHandler, SS_099_readline_joins_the_pieces) {
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    const std::string line = self.rfile().readline().value_or("none");
    self.wfile() << '[' << line << "][" << self.rfile().read(4) << ']';
  });
  RawClient client(server.address());
  client.send_in_pieces("abcd\nrest", 1);
  EXPECT_EQ(client.read_all(), "[abcd\n][rest]");
}

TEST(StreamHandler, SS_100_read_waits_for_all_of_it_or_the_end) {
  TestServer<ThreadingTCPServer> server(
      [&](StreamRequestHandler& self) { self.wfile() << '[' << self.rfile().read(25) << ']'; });
  RawClient whole(server.address());
  whole.send_in_pieces(std::string(25, 'x'), 9);
  EXPECT_EQ(whole.read_all(), '[' + std::string(25, 'x') + ']');
  RawClient part(server.address());
  part.send("12345");
  part.half_close();
  EXPECT_EQ(part.read_all(), "[12345]");
}

TEST(StreamHandler, SS_101_what_is_written_is_on_its_way) {
  Event read("the client has read");
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    EXPECT_EQ(self.wfile().write("before finish"), 13u);
    read.wait();
  });
  RawClient client(server.address());
  EXPECT_EQ(client.read(13), "before finish");
  read.set();
}

TEST(StreamHandler, SS_102_signals_lose_nothing_of_a_long_answer) {
  const std::string text(std::size_t{1} << 24, 'x');
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    const SignalStorm storm(1ms);
    EXPECT_EQ(self.wfile().write(text), text.size());
  });
  RawClient client(server.address());
  EXPECT_TRUE(client.read_all() == text);
}

TEST(StreamHandler, SS_103_with_a_buffer_all_comes_at_the_end) {
  Event written("the handler has written");
  Event go_on("the handler may end");
  TestServer<TCPServer> server(handler<Adjustable>({
      .work =
          [&](Adjustable& self) {
            self.wfile() << "one "
                         << "two";
            written.set();
            go_on.wait();
          },
      .write_buffer = 65536,
  }));
  RawClient client(server.address());
  written.wait();
  std::array<char, 16> block;
  EXPECT_EQ(client.socket().read_some(block, Deadline::after(Duration(0))).ec,
            std::errc::timed_out);
  go_on.set();
  EXPECT_EQ(client.read_all(), "one two");
}

TEST(StreamHandler, SS_104_SS_112_the_connection_is_the_requests_and_blocks) {
  TCPServer server(kAnyPort, [](StreamRequestHandler& self) {
    EXPECT_EQ(&self.connection(), &self.request().socket());
    EXPECT_EQ(self.connection().fileno(), self.request().fileno());
    EXPECT_EQ(self.wfile().fileno(), self.request().fileno());
    EXPECT_EQ(self.rfile().fileno(), self.request().fileno());
    EXPECT_EQ(self.connection().gettimeout(), std::nullopt);
    EXPECT_EQ(::fcntl(self.connection().fileno(), F_GETFL) & O_NONBLOCK, 0);
    self.wfile() << "checked";
  });
  server.socket().settimeout(5s);
  RawClient client(server.server_address());
  server.handle_request();
  EXPECT_EQ(client.read_all(), "checked");
}

TEST(StreamHandler, SS_105_a_silent_client_times_out) {
  CapturedLog log;
  TestServer<TCPServer> server(handler<Adjustable>({
                                   .work =
                                       [](Adjustable& self) {
                                         EXPECT_THROW(self.rfile().readline(), TimeoutError);
                                         try {
                                           self.rfile().readline();
                                         } catch (const TimeoutError&) {
                                           ADD_FAILURE() << "it must not wait again";
                                         } catch (const OSError&) {
                                           self.wfile() << "timed out";
                                         }
                                       },
                                   .limit = 30ms,
                               }),
                               {.log = log.sink()});
  RawClient client(server.address());
  client.send("partial");
  EXPECT_EQ(client.read_all(), "timed out");
  EXPECT_TRUE(log.reports().empty());
}

TEST(StreamHandler, its_timeout_holds_for_every_way_of_reading_and_writing) {
  const std::function<void(Adjustable&)> ways[] = {
      [](Adjustable& self) { self.rfile().read(1); },
      [](Adjustable& self) { self.request().recv(1); },
      [](Adjustable& self) { self.wfile().write(std::string(std::size_t{64} << 20, 'x')); },
      [](Adjustable& self) { self.request().sendall(std::string(std::size_t{64} << 20, 'x')); },
  };
  for (const auto& way : ways) {
    TCPServer server(kAnyPort,
                     handler<Adjustable>({
                         .work = [&](Adjustable& self) { EXPECT_THROW(way(self), TimeoutError); },
                         .limit = 20ms,
                     }));
    const RawClient client(server.server_address());
    server.handle_request();
  }
}

TEST(StreamHandler, SS_106_nagles_algorithm_can_be_switched_off) {
  for (const bool off : {false, true}) {
    int nodelay = -1;
    TCPServer server(kAnyPort, handler<Adjustable>({
                                   .work =
                                       [&](Adjustable& self) {
                                         socklen_t length = sizeof nodelay;
                                         ::getsockopt(self.connection().fileno(), IPPROTO_TCP,
                                                      TCP_NODELAY, &nodelay, &length);
                                       },
                                   .nodelay = off,
                               }));
    const RawClient client(server.server_address());
    server.handle_request();
    EXPECT_EQ(nodelay != 0, off);
  }
}

TEST(StreamHandler, P17_SS_107_flushing_to_a_client_that_reset_is_no_error) {
  CapturedLog log;
  Event written("the handler has written");
  Event reset("the client has reset");
  const auto server = make_server<RecordingServer<TCPServer>>(kAnyPort,
                                                              handler<Adjustable>({
                                                                  .work =
                                                                      [&](Adjustable& self) {
                                                                        self.wfile()
                                                                            << "never seen";
                                                                        written.set();
                                                                        reset.wait();
                                                                      },
                                                                  .write_buffer = 65536,
                                                              }),
                                                              {.log = log.sink()});
  testing::ServerThread running(*server);
  RawClient client(server->server_address());
  written.wait();
  client.reset();
  reset.set();
  running.stop();
  EXPECT_EQ(server->calls.count("handle_error"), 0);
  EXPECT_TRUE(log.reports().empty());
}

/// Serves one client with `work` and expects the server to have nothing to say.
void serve_quietly(std::function<void(Adjustable&)> work) {
  CapturedLog log;
  TCPServer server(kAnyPort, handler<Adjustable>({.work = std::move(work)}), {.log = log.sink()});
  RawClient client(server.server_address());
  server.handle_request();
  EXPECT_TRUE(client.at_eof());
  EXPECT_TRUE(log.reports().empty()) << log.reports().front();
  EXPECT_TRUE(log.debug().empty()) << log.debug().front();
}

TEST(StreamHandler, SS_108_a_handler_may_close_the_request) {
  serve_quietly([](Adjustable& self) { self.request().close(); });
}

TEST(StreamHandler, SS_109_a_handler_may_close_wfile) {
  serve_quietly([](Adjustable& self) { self.wfile().close(); });
}

TEST(StreamHandler, SS_109_a_handler_may_shut_the_connection_down) {
  serve_quietly([](Adjustable& self) { self.connection().shutdown(Direction::both); });
}

TEST(StreamHandler, reading_after_closing_fails_and_does_not_hang) {
  TCPServer server(kAnyPort, [](StreamRequestHandler& self) {
    EXPECT_EQ(self.rfile().readline(), "line\n");
    self.request().close();
    EXPECT_THROW(self.rfile().readline(), OSError);
  });
  RawClient client(server.server_address());
  client.send("line\n");
  server.handle_request();
}

TEST(StreamHandler, SS_110_a_peer_that_vanished_can_be_shut_down) {
  CapturedLog log;
  Event begun("the handler runs");
  Event gone("the client has reset");
  TestServer<TCPServer> server(
      [&](StreamRequestHandler&) {
        begun.set();
        gone.wait();
      },
      {.log = log.sink()});
  RawClient client(server.address());
  begun.wait();
  client.reset();
  gone.set();
  server.stop();
  EXPECT_TRUE(log.reports().empty());
}

struct Remembering : StreamRequestHandler {
  void handle() override { wfile() << ++requests << '\n'; }
  int requests = 0;
};

TEST(StreamHandler, SS_113_each_request_gets_a_fresh_handler) {
  TestServer<TCPServer> server(handler<Remembering>());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(RawClient(server.address()).read_all(), "1\n");
}

struct Named : TCPServer {
  using TCPServer::TCPServer;
  std::string name = "the server's own";
};

TEST(StreamHandler, SS_114_a_derived_servers_members_are_reachable) {
  TestServer<Named> server(
      [](StreamRequestHandler& self) { self.wfile() << self.server_as<Named>().name; });
  EXPECT_EQ(RawClient(server.address()).read_all(), "the server's own");
}

TEST(StreamHandler, SS_114_but_not_as_another_class) {
  TCPServer server(kAnyPort, [](StreamRequestHandler& self) {
    EXPECT_THROW(self.server_as<Named>(), std::bad_cast);
    EXPECT_EQ(&self.server_as<TCPServer>(), &self.server());
  });
  const RawClient client(server.server_address());
  server.handle_request();
}

TEST(StreamHandler, SS_116_requests_can_be_verified_by_address) {
  struct Verifying : TCPServer {
    using TCPServer::TCPServer;
    bool verify_request(Request&, const Address& client) override {
      return client.ip_bytes().front() != refused;
    }
    std::uint8_t refused = 10;
  };
  const auto server = make_server<Verifying>(
      kAnyPort, [](StreamRequestHandler& self) { self.wfile() << "served"; });
  RawClient allowed(server->server_address());
  server->handle_request();
  EXPECT_EQ(allowed.read_all(), "served");
  server->refused = 127;
  RawClient refused(server->server_address());
  server->handle_request();
  EXPECT_EQ(refused.read_all(), "");
}

struct GreetingHandler : StreamRequestHandler {
  explicit GreetingHandler(std::string text) : greeting(std::move(text)) {}
  void handle() override { wfile() << greeting; }
  std::string greeting;
};

TEST(StreamHandler, SS_117_finish_request_may_make_the_handler_its_own_way) {
  struct Greeting : TCPServer {
    using TCPServer::TCPServer;
    void finish_request(Request& request, const Address& client) override {
      GreetingHandler greeter("hello " + client.host());
      greeter.run(request, client, *this);
    }
  };
  TestServer<Greeting> server(handler<Echo>());
  EXPECT_EQ(RawClient(server.address()).read_all(), "hello 127.0.0.1");
}

TEST(StreamHandler, SS_118_a_client_that_half_closed_gets_its_answer) {
  const std::string answer(std::size_t{1} << 20, 'x');
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    EXPECT_EQ(self.rfile().read_all(100), "request");
    self.wfile() << answer;
  });
  RawClient client(server.address());
  client.send("request");
  client.half_close();
  EXPECT_TRUE(client.read_all() == answer);
}

TEST(StreamHandler, lines_can_be_iterated) {
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    for (const std::string& line : self.rfile()) self.wfile() << '[' << line << ']';
  });
  RawClient client(server.address());
  client.send("one\ntwo\nrest");
  client.half_close();
  EXPECT_EQ(client.read_all(), "[one\n][two\n][rest]");
}

struct WithoutSetup : StreamRequestHandler {
  void setup() override {
    EXPECT_THROW(rfile(), std::logic_error);
    EXPECT_THROW(wfile(), std::logic_error);
  }
  void handle() override {}
};

TEST(StreamHandler, files_do_not_exist_before_setup) {
  TCPServer server(kAnyPort, handler<WithoutSetup>());
  RawClient client(server.server_address());
  server.handle_request();
  EXPECT_TRUE(client.at_eof());
}

}  // namespace
}  // namespace socketserver
