// "Hello, World!" and files with cpp-httplib: a thread for each connection while it lasts.

#include <httplib.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <iostream>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace {

constexpr int kQueue = 4096;
constexpr time_t kHour = 3600;

/// The library's own pool has a fixed size, so that some number of connections would starve it.
/// This one starts a thread whenever none is free. It lives as long as the process.
class GrowingPool : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (tasks_.size() > idle_) {
      std::thread([this] { work(); }).detach();
    } else {
      has_task_.notify_one();
    }
  }

  void shutdown() override {}

 private:
  [[noreturn]] void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++idle_;
      has_task_.wait(lock, [this] { return !tasks_.empty(); });
      --idle_;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable has_task_;
  std::deque<std::function<void()>> tasks_;
  std::size_t idle_ = 0;  ///< Threads that wait for a task.
};

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::string directory;
  CLI::App program("Serves HTTP with cpp-httplib; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  program.add_option("--directory", directory, "Serve its files instead of the greeting")
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(program, argc, argv);

  httplib::Server server;
  server.new_task_queue = [] { return new GrowingPool; };
  server.set_keep_alive_max_count(std::numeric_limits<std::size_t>::max());
  server.set_keep_alive_timeout(kHour);
  server.set_tcp_nodelay(true);
  int listener = -1;
  server.set_socket_options([&listener](int socket) { listener = socket; });
  if (directory.empty()) {
    server.Get("/", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("Hello, World!", "text/plain");
    });
  } else {
    server.set_mount_point("/", directory);
  }

  int bound = port;
  if (port == 0) {
    bound = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    bound = -1;
  }
  // The library's queue of 5 would be a benchmark of lost connections.
  if (bound < 0 || ::listen(listener, kQueue) != 0) {
    std::cerr << "bench_peer_httplib: cannot listen on port " << port << '\n';
    return EXIT_FAILURE;
  }
  std::cout << "ready " << bound << " cpp-httplib " << CPPHTTPLIB_VERSION << std::endl;
  return server.listen_after_bind() ? EXIT_SUCCESS : EXIT_FAILURE;
}
