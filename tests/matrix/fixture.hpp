#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/stream_handler.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/matrix/cells.hpp"
#include "tests/matrix/journal.hpp"

namespace socketserver::matrix {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// A server that notes its hooks in a journal, which may tell each of them to fail.
template <std::derived_from<BaseServer> Base>
class NotingServer : public Base {
 public:
  NotingServer(Address address, typename Base::Handler request_handler, ServerOptions options,
               Journal& journal)
      : Base(std::move(address), std::move(request_handler), std::move(options)),
        journal_(journal) {}

 protected:
  std::pair<Request, Address> get_request() override {
    journal_.enter("get_request");
    return Base::get_request();
  }
  bool verify_request(Request& request, const Address& client) override {
    journal_.enter("verify_request");
    return Base::verify_request(request, client) && !journal_.must_fail("verification");
  }
  void process_request(Request& request, const Address& client) override {
    journal_.enter("process_request");
    Base::process_request(request, client);
  }
  void finish_request(Request& request, const Address& client) override {
    journal_.enter("finish_request");
    Base::finish_request(request, client);
  }
  void handle_error(Request& request, const Address& client) override {
    journal_.enter("handle_error");
    Base::handle_error(request, client);
  }
  void shutdown_request(Request& request) override {
    journal_.enter("shutdown_request");
    Base::shutdown_request(request);
  }
  void close_request(Request& request) override {
    journal_.enter("close_request");
    Base::close_request(request);
  }
  void handle_timeout() override {
    journal_.enter("handle_timeout");
    Base::handle_timeout();
  }

 private:
  Journal& journal_;
};

/// What the handlers of a test do.
using Work = std::function<void(StreamRequestHandler&)>;

/// Answers a request with itself.
inline void echo(StreamRequestHandler& self) {
  self.wfile() << self.rfile().read_all(65'536);
}

/// Notes its life in a journal, which may tell each part of it to fail, and does the work of a
/// test.
class NotingHandler : public StreamRequestHandler {
 public:
  NotingHandler(Journal& journal, const Work& work) : journal_(journal), work_(work) {
    journal_.enter("handler");
  }

 protected:
  void setup() override {
    journal_.enter("setup");
    StreamRequestHandler::setup();
  }
  void handle() override {
    journal_.enter("handle");
    work_(*this);
  }
  void finish() override {
    journal_.enter("finish");
    StreamRequestHandler::finish();
  }

 private:
  Journal& journal_;
  const Work& work_;
};

/// A client that sends its one request over a connection and ends its half of it.
class StreamClient : public testing::RawClient {
 public:
  using RawClient::RawClient;

  void request(std::string_view bytes) {
    send(bytes);
    half_close();
  }

  std::string answer() { return read_all(); }

  /// Waits for the end of the connection, be it a close or a reset as a request that nobody read
  /// gets it.
  void wait_for_end() {
    try {
      at_eof();
    } catch (const TimeoutError&) {
      throw;
    } catch (const OSError&) {
      // The reset.
    }
  }
};

/// A client whose request is a packet, and the answer another one.
class PacketClient : public testing::DatagramClient {
 public:
  explicit PacketClient(const Address& server) : DatagramClient(server) {}

  void request(std::string_view bytes) { send(bytes); }
  std::string answer() { return receive(); }
};

/// A cell's server and its clients, with a journal of what happens.
template <class CellUnderTest>
class CellTest : public ::testing::Test {
 protected:
  using Cell = CellUnderTest;
  using Server = NotingServer<typename Cell::Server>;
  using Client = std::conditional_t<Cell::kDatagrams, PacketClient, StreamClient>;

  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    // The test's own threads are there when the workers are forked, and these live on.
    if constexpr (Cell::kPreforks) {
      GTEST_SKIP() << "ThreadSanitizer does not support processes forked beside threads";
    }
#endif
  }

  /// How often a request is closed: by the process that serves it, and before by the one that
  /// forked it.
  static constexpr int kCloses = Cell::kForks ? 2 : 1;

  std::unique_ptr<Server> made(Work work, ServerOptions options = {}) {
    options.fork_with_threads = true;  // the tests' own
    // With more, requests have several serving threads.
    if (Cell::kPreforks) options.workers = 1;
    options.log = {};
    return make_server<Server>(testing::any_address<Server>(),
                               handler<NotingHandler>(std::ref(this->journal), std::move(work)),
                               std::move(options), this->journal);
  }

  /// Sends `bytes` as one request and returns the answer.
  static std::string ask(const Server& server, std::string_view bytes) {
    Client client(server.server_address());
    client.request(bytes);
    return client.answer();
  }

  /// Waits until `requests` requests in all have come to their end.
  void wait_for_ends(int requests) { journal.wait_for("close_request", kCloses * requests); }

  Journal journal;
};

}  // namespace socketserver::matrix
