#pragma once

#include <dirent.h>

#include <algorithm>
#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/base/log.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/stream_handler.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver {

inline const Address kAnyPort("127.0.0.1", 0);

/// A list of names that many threads may add to.
class Calls {
 public:
  void add(std::string_view name) {
    const std::lock_guard lock(mutex_);
    names_.emplace_back(name);
  }

  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return names_;
  }

  /// How often `name` was added.
  int count(std::string_view name) const {
    return static_cast<int>(std::ranges::count(all(), name));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> names_;
};

/// Keeps what a server reports.
class CapturedLog {
 public:
  LogSink sink() {
    return [this](LogLevel level, std::string_view message) {
      (level == LogLevel::debug ? debug_ : reports_).add(message);
      if (level != LogLevel::debug) reported.set();
    };
  }

  /// All messages that matter more than debugging.
  std::vector<std::string> reports() const { return reports_.all(); }
  std::vector<std::string> debug() const { return debug_.all(); }

  testing::Event reported{"the server reports something"};

 private:
  Calls reports_;
  Calls debug_;
};

/// A server that notes the hooks that are called, and runs what a test puts into one.
template <std::derived_from<BaseServer> Base>
class RecordingServer : public Base {
 public:
  using Base::Base;

  Calls calls;                                        ///< All hooks but `service_actions`.
  testing::Event turns{"service_actions is called"};  ///< Once per turn of the loop.

  /// What to do on entry of a hook, by its name. Set before the server runs.
  std::map<std::string, std::function<void()>, std::less<>> on_entry;

  void server_bind() override {
    enter("server_bind");
    Base::server_bind();
  }
  void server_activate() override {
    enter("server_activate");
    Base::server_activate();
  }

 protected:
  std::pair<Request, Address> get_request() override {
    enter("get_request");
    return Base::get_request();
  }
  bool verify_request(Request& request, const Address& client) override {
    enter("verify_request");
    return Base::verify_request(request, client);
  }
  void process_request(Request& request, const Address& client) override {
    enter("process_request");
    Base::process_request(request, client);
  }
  void finish_request(Request& request, const Address& client) override {
    enter("finish_request");
    Base::finish_request(request, client);
  }
  void shutdown_request(Request& request) override {
    enter("shutdown_request");
    Base::shutdown_request(request);
  }
  void close_request(Request& request) override {
    enter("close_request");
    Base::close_request(request);
  }
  void handle_error(Request& request, const Address& client) override {
    enter("handle_error");
    Base::handle_error(request, client);
  }
  void handle_timeout() override {
    enter("handle_timeout");
    Base::handle_timeout();
  }
  void service_actions() override {
    turns.set();
    run("service_actions");
    Base::service_actions();
  }

 private:
  void enter(std::string_view hook) {
    calls.add(hook);
    run(hook);
  }
  void run(std::string_view hook) {
    if (const auto found = on_entry.find(hook); found != on_entry.end()) found->second();
  }
};

/// Notes its life in a list of calls: `handler<RecordingHandler>(std::ref(calls))`.
class RecordingHandler : public StreamRequestHandler {
 public:
  explicit RecordingHandler(Calls& calls) : calls_(calls) { calls_.add("handler"); }

 protected:
  void setup() override {
    calls_.add("setup");
    StreamRequestHandler::setup();
  }
  void handle() override { calls_.add("handle"); }
  void finish() override {
    calls_.add("finish");
    StreamRequestHandler::finish();
  }

 private:
  Calls& calls_;
};

/// Answers every line with itself.
struct Echo : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

/// What a client gets that sends one line and then the end of the stream.
inline std::string echoed(const Address& server, const std::string& line) {
  testing::RawClient client(server);
  client.send(line);
  client.half_close();
  return client.read_all();
}

/// How many entries a directory of /proc/self has.
inline int entries_of(const char* directory) {
  DIR* const entries = ::opendir(directory);
  int count = 0;
  while (::readdir(entries) != nullptr) ++count;
  ::closedir(entries);
  return count;
}
inline int open_descriptors() {
  return entries_of("/proc/self/fd");
}
inline int running_threads() {
  return entries_of("/proc/self/task");
}

using Clients = std::vector<std::unique_ptr<testing::RawClient>>;

/// That many clients, connected one after another.
inline Clients connected(int count, const Address& server) {
  Clients clients;
  for (int i = 0; i < count; ++i) clients.push_back(std::make_unique<testing::RawClient>(server));
  return clients;
}

}  // namespace socketserver
