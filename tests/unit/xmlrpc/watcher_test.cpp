#include "xmlrpc/watcher.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <socketserver/base/offload.hpp>
#include <socketserver/testing/wait.hpp>

#include "../base/fake_fiber.hpp"
#include "client_canned_server.hpp"
#include "rpc_server.hpp"
#include "tests/forked.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;
using xmlrpc::Value;
using xmlrpc::Watcher;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  void fill() const { EXPECT_EQ(::write(write.get(), "x", 1), 1); }

  UniqueFd read;
  UniqueFd write;
};

using Result = std::optional<std::error_code>;

Result wait_to_read(Watcher& watcher, const Pipe& pipe, Duration patience = kPatience) {
  return watcher.wait(pipe.read.get(), Interest::read, Deadline::after(patience));
}

TEST(Watcher, ends_each_wait_when_its_descriptor_is_ready) {
  Watcher watcher(1h);
  std::array<Pipe, 100> pipes;
  std::array<Result, 100> results;
  {
    std::list<FakeFiber> fibers;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      fibers.emplace_back([&, i] { results[i] = wait_to_read(watcher, pipes[i]); });
    }
    for (FakeFiber& fiber : fibers) fiber.parked.wait();
    pipes[50].fill();
    std::next(fibers.begin(), 50)->ended.wait();
    EXPECT_FALSE(fibers.front().ended.wait_for(0ms)) << "nothing has come for that one";
    for (const Pipe& pipe : pipes) pipe.fill();
  }
  for (const Result& result : results) EXPECT_EQ(result, std::error_code());
}

TEST(Watcher, waits_to_write_and_up_to_the_deadline) {
  Watcher watcher(1h);
  const Pipe pipe;
  const FakeFiber fiber([&] {
    EXPECT_EQ(watcher.wait(pipe.write.get(), Interest::write, Deadline::after(kPatience)),
              std::error_code());
    EXPECT_EQ(wait_to_read(watcher, pipe, 1ms), std::make_error_code(std::errc::timed_out));
    pipe.fill();
    EXPECT_EQ(wait_to_read(watcher, pipe), std::error_code());
  });
}

TEST(Watcher, leaves_to_others_what_it_cannot_wait_for) {
  Watcher watcher(1h);
  const Pipe pipe;
  const UniqueFd file(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  FakeFiber first([&] { EXPECT_EQ(wait_to_read(watcher, pipe), std::error_code()); });
  first.parked.wait();
  {
    const FakeFiber second([&] {
      EXPECT_FALSE(wait_to_read(watcher, pipe)) << "somebody waits for it";
      EXPECT_FALSE(watcher.wait(file.get(), Interest::read, Deadline::never())) << "a file";
      EXPECT_FALSE(watcher.wait(-1, Interest::read, Deadline::never()));
    });
  }
  pipe.fill();
}

TEST(Watcher, its_thread_ends_when_it_was_idle_for_long_and_starts_again) {
  Watcher watcher(1ms);
  const Pipe pipe;
  pipe.fill();
  for (int i = 0; i < 3; ++i) {
    {
      const FakeFiber fiber([&] { EXPECT_EQ(wait_to_read(watcher, pipe), std::error_code()); });
    }
    wait_until("the thread has ended", [&] { return !watcher.running(); });
  }
}

TEST(Watcher, takes_no_wait_once_it_ends) {
  Watcher watcher(1h);
  const Pipe pipe;
  pipe.fill();
  {
    const FakeFiber fiber([&] { EXPECT_EQ(wait_to_read(watcher, pipe), std::error_code()); });
  }
  watcher.end_idle();
  EXPECT_FALSE(watcher.running());
  const FakeFiber fiber([&] { EXPECT_FALSE(wait_to_read(watcher, pipe)); });
}

TEST(Watcher, a_forked_child_has_one_of_its_own) {
  Watcher& parents = Watcher::shared();
  EXPECT_EQ(exit_status_of_fork([&] { return &Watcher::shared() == &parents ? 1 : 7; }), 7);
  EXPECT_EQ(&Watcher::shared(), &parents);
}

/// Listens, and answers nobody unless told to.
class SilentServer {
 public:
  SilentServer() {
    listener_.bind({"127.0.0.1", 0});
    listener_.listen(256);
  }

  std::string url() const { return "http://" + listener_.getsockname().to_string(); }

  /// Takes the next connection with its request.
  void take() {
    const auto ec =
        Waiter::thread().wait(listener_.fileno(), Interest::read, Deadline::after(kPatience), true);
    if (ec) throw std::system_error(ec, "wait for the next connection");
    connections_.push_back(listener_.accept().first);
    connections_.back().settimeout(kPatience);
    std::string request;
    while (!request.ends_with("</methodCall>\n")) request += connections_.back().recv(1000);
  }

  void answer_all() {
    for (Socket& connection : connections_) connection.sendall(xmlrpc::number(7));
  }

 private:
  Socket listener_ = Socket::open(AddressFamily::inet, SocketType::stream);
  std::vector<Socket> connections_;
};

TEST(Watcher, any_number_of_calls_on_fibers_leaves_helper_threads_free) {
  constexpr int kMoreThanHelpers = 100;
  SilentServer silent;
  RPCServer<FiberXMLRPCServer> fibers;
  fibers->register_function(
      [url = silent.url()] {
        xmlrpc::ServerProxy proxy(url);
        return proxy("f");
      },
      "relay");
  fibers->register_function([] { return offload([] { return 1; }); }, "offloaded");
  std::list<RawClient> clients;
  for (int i = 0; i < kMoreThanHelpers; ++i) {
    clients.push_back(fibers.connect());
    clients.back().send(fibers.post_text(call_text("relay")));
    silent.take();
  }
  EXPECT_EQ(fibers.call("offloaded"), Value(1));
  silent.answer_all();
  for (RawClient& client : clients) EXPECT_EQ(value_of(read_answer(client).body), Value(7));
}

}  // namespace
}  // namespace socketserver::testing
