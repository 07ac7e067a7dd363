// Keeps what is PUT to a path, and gives it back to GET and HEAD. POST is answered with its body.

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <socketserver/http_server.hpp>

#include "run_server.hpp"

using namespace socketserver;

constexpr std::size_t kLargest = std::size_t{64} << 20;

class Things {
 public:
  void put(std::string_view path, std::string content) {
    const std::lock_guard lock(mutex_);
    things_[std::string(path)] = std::move(content);
  }

  std::optional<std::string> get(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    const auto found = things_.find(std::string(path));
    return found == things_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> things_;
};

struct Store : BaseHTTPRequestHandler {
  explicit Store(Things* store_things) : things(store_things) {}

  void do_GET() override {
    const auto content = things->get(path());
    if (!content) return send_error(404);
    send_response(200);
    send_header("Content-Length", std::to_string(content->size()));
    end_headers();
    wfile().write(*content);
  }

  void do_HEAD() override { do_GET(); }

  void do_PUT() override {
    things->put(path(), rfile().read_all(kLargest));
    send_response(201);
    end_headers();
  }

  /// Without a length: chunked, or until the end of the connection.
  void do_POST() override {
    send_response(200);
    end_headers();
    for (;;) {
      const std::string piece = rfile().read_some(65536);
      if (piece.empty()) break;
      wfile().write(piece);
    }
  }

  Things* const things;
};

int main() {
  Things things;
  ThreadingHTTPServer server({"127.0.0.1", 0}, handler<Store>(&things));
  return testing::run_server(server);
}
