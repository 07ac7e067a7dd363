// Runs one of the stock servers and writes down which hook is called when, and by whom.
//
//     conformance_logged_server CLASS STORY ADDRESS [SCENE…]
//
// The counterpart of ../reference/logged_server.py, line by line: what both write is compared.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <socketserver/socketserver.hpp>

using namespace socketserver;
using namespace std::chrono_literals;

namespace {

const pid_t serving_process = ::getpid();
const std::thread::id serving_thread = std::this_thread::get_id();

/// Writes one line: who does what. One system call, so that lines of processes stay whole.
void note(const std::string& what) {
  std::string line = ::getpid() != serving_process                  ? "child "
                     : std::this_thread::get_id() != serving_thread ? "thread "
                                                                    : "serving ";
  line += what + '\n';
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, line.data(), line.size());
}

/// What the requests are to meet with, one word in each one's turn.
struct Script {
  std::vector<std::string> scenes = {};
  std::atomic<std::size_t> served = 0;  // handlers on other threads look at it, too

  bool is(std::string_view scene) const {
    const std::size_t turn = served;
    return turn > 0 && turn <= scenes.size() && scenes[turn - 1] == scene;
  }
  void raise_if(const std::string& scene) const {
    if (is(scene)) throw std::runtime_error(scene);
  }
};

Script script;

/// The hooks of a server.
template <class Base>
struct Logged : Base {
  using Base::Base;

  std::optional<Duration> patience = {};

  std::optional<Duration> timeout() const override { return patience; }

  void server_bind() override {
    note("server_bind");
    Base::server_bind();
  }
  void server_activate() override {
    note("server_activate");
    Base::server_activate();
  }

 protected:
  std::pair<Request, Address> get_request() override {
    ++script.served;
    note("get_request");
    if (script.is("get_request raises")) {
      throw OSError(std::make_error_code(std::errc::io_error), "get_request raises");
    }
    return Base::get_request();
  }
  bool verify_request(Request&, const Address&) override {
    note("verify_request");
    script.raise_if("verify_request raises");
    return !script.is("refused");
  }
  void process_request(Request& request, const Address& client) override {
    note("process_request");
    script.raise_if("process_request raises");
    Base::process_request(request, client);
  }
  void finish_request(Request& request, const Address& client) override {
    note("finish_request");
    Base::finish_request(request, client);
  }
  void shutdown_request(Request& request) override {
    note("shutdown_request");
    Base::shutdown_request(request);
  }
  void close_request(Request& request) override {
    note("close_request");
    Base::close_request(request);
  }
  void handle_error(Request&, const Address&) override {
    try {
      throw;
    } catch (const TimeoutError&) {
      note("handle_error: timed out");
    } catch (const std::exception& error) {
      note("handle_error: " + std::string(error.what()));
    }
    script.raise_if("handle_error raises");
  }
  void handle_timeout() override {
    note("handle_timeout");
    Base::handle_timeout();
  }
};

/// A handler that does what the script says.
template <class Base>
class Handler final : public Base {
 public:
  Handler() { note("handler"); }

 protected:
  void setup() override {
    note("setup");
    Base::setup();
    script.raise_if("setup raises");
    if (script.is("silent client")) this->rfile().set_timeout(50ms);
  }
  void handle() override {
    note("handle");
    std::string data = this->rfile().read_all(100'000);
    note("read " + std::to_string(data.size()));
    if (script.is("silence")) return;
    if (script.is("upper")) {
      std::ranges::transform(data, data.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    }
    this->wfile().write(data);
    if (script.is("handle raises") || script.is("handle_error raises")) {
      throw std::runtime_error("handle raises");
    }
    if (script.is("exit")) throw SystemExit{3};
    if (script.is("shutdown")) {
      this->server().shutdown();
      note("shutdown has returned");
    }
  }
  void finish() override {
    note("finish");
    Base::finish();
    script.raise_if("finish raises");
  }
};

struct Arguments {
  std::string name;
  std::string story;
  std::string address;
};

/// Standard input: when it ends, so shall the program.
class Input {
 public:
  explicit Input(BaseServer& server)
      : thread_([&server] {
          // Not by std::cin: its lock would be held meanwhile, and forking flushes all files.
          char byte = 0;
          while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
          server.shutdown();
        }) {}

  void wait_for_end() { thread_.join(); }

 private:
  std::thread thread_;
};

void serve_forever(BaseServer& server) {
  try {
    server.serve_forever(20ms);
    note("serve_forever has returned");
  } catch (const SystemExit&) {
    note("serve_forever has raised SystemExit");
  } catch (const std::exception& error) {
    note("serve_forever has raised " + std::string(error.what()));
  }
}

template <class Server>
[[noreturn]] void run(const Arguments& arguments) {
  constexpr bool kDatagrams = std::derived_from<Server, UDPServer>;
  using Base = std::conditional_t<kDatagrams, DatagramRequestHandler, StreamRequestHandler>;
  const bool is_unix = arguments.name.find("Unix") != std::string::npos;
  const bool waits = arguments.story == "handle_request";
  const auto server = make_server<Logged<Server>>(
      is_unix ? Address::unix_path(arguments.address) : Address("127.0.0.1", 0),
      handler<Handler<Base>>(), {.fork_with_threads = true, .log = {}});
  std::cout << "port "
            << (is_unix ? arguments.address : std::to_string(server->server_address().port()))
            << std::endl;
  Input input(*server);
  if (waits) {
    server->patience = 50ms;
    server->handle_request();
    server->patience = 20s;
    for (std::size_t i = 0; i < script.scenes.size(); ++i) server->handle_request();
  } else {
    serve_forever(*server);
  }
  input.wait_for_end();
  server->server_close();
  note("closed " + std::to_string(server->fileno()));
  ::_exit(0);
}

/// The servers of one engine, by what the transport adds to its name.
template <class Tcp, class Udp, class UnixStream, class UnixDatagram>
void run_if_named(const std::string& engine, const Arguments& arguments) {
  if (arguments.name == engine + "TCPServer") run<Tcp>(arguments);
  if (arguments.name == engine + "UDPServer") run<Udp>(arguments);
  if (arguments.name == engine + "UnixStreamServer") run<UnixStream>(arguments);
  if (arguments.name == engine + "UnixDatagramServer") run<UnixDatagram>(arguments);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  script.scenes.assign(argv + 4, argv + argc);
  const Arguments arguments{argv[1], argv[2], argv[3]};
  run_if_named<TCPServer, UDPServer, UnixStreamServer, UnixDatagramServer>("", arguments);
  run_if_named<ThreadingTCPServer, ThreadingUDPServer, ThreadingUnixStreamServer,
               ThreadingUnixDatagramServer>("Threading", arguments);
  run_if_named<ForkingTCPServer, ForkingUDPServer, ForkingUnixStreamServer,
               ForkingUnixDatagramServer>("Forking", arguments);
  return 2;
}
