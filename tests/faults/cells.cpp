#include "tests/faults/cells.hpp"

#include <concepts>
#include <utility>

#include <socketserver/http/file_store_handler.hpp>
#include <socketserver/http/servers.hpp>
#include <socketserver/http/simple_handler.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/stream_handler.hpp>

#include "tests/matrix/cells.hpp"

namespace socketserver::faults {
namespace {

/// Answers lines with themselves.
class Lines : public StreamRequestHandler {
 public:
  explicit Lines(std::atomic<unsigned>& requests) : requests_(requests) {}

  void handle() override {
    while (auto line = rfile().readline()) {
      wfile().write(*line);
      ++requests_;
    }
  }

 private:
  std::atomic<unsigned>& requests_;
};

/// Answers a packet with itself.
class Packet : public StreamRequestHandler {
 public:
  explicit Packet(std::atomic<unsigned>& requests) : requests_(requests) {}

  void handle() override {
    wfile() << rfile().read_all(65'536);
    ++requests_;
  }

 private:
  std::atomic<unsigned>& requests_;
};

/// Serves files, and answers what is posted with itself.
class Site : public SimpleHTTPRequestHandler {
 public:
  struct Shared : SimpleHTTPRequestHandler::Shared {
    Shared(const std::string& its_directory, std::atomic<unsigned>& its_requests)
        : SimpleHTTPRequestHandler::Shared(Options{.directory = its_directory}),
          requests(its_requests) {}

    std::atomic<unsigned>& requests;
  };

  explicit Site(const Shared& shared)
      : SimpleHTTPRequestHandler(shared), requests_(shared.requests) {}

 protected:
  void do_GET() override {
    SimpleHTTPRequestHandler::do_GET();
    ++requests_;
  }
  void do_POST() override {
    const std::string body = rfile().read_all(100'000);
    send_response(200);
    end_headers();
    wfile() << body;
    ++requests_;
  }

 private:
  std::atomic<unsigned>& requests_;
};

/// Takes files, and keeps nothing of those that do not arrive.
class Store : public FileStoreHTTPRequestHandler {
 public:
  struct Shared : FileStoreHTTPRequestHandler::Shared {
    Shared(const std::string& its_directory, std::atomic<unsigned>& its_requests, bool sync)
        : FileStoreHTTPRequestHandler::Shared({.files = {.directory = its_directory},
                                               .make_directories = true,
                                               .remove = true,
                                               .on_duplicate = OnDuplicate::overwrite,
                                               .partial_lifetime = Duration::zero(),
                                               .sync = sync}),
          requests(its_requests) {}

    std::atomic<unsigned>& requests;
  };

  explicit Store(const Shared& shared)
      : FileStoreHTTPRequestHandler(shared), requests_(shared.requests) {}

 protected:
  void finish() override {
    FileStoreHTTPRequestHandler::finish();
    ++requests_;
  }

 private:
  std::atomic<unsigned>& requests_;
};

/// @param sync  waits for the disk. From a fiber a helper thread does that, which stays for 10 s.
template <class Server>
Cell store_cell(std::string name, bool sync) {
  return {
      .name = std::move(name),
      .protocol = Protocol::http,
      .is_unix = false,
      .concurrent = true,
      .has_workers = false,
      .edge_triggered = false,
      .make = [sync](const Address& address, ServerOptions options, const std::string& directory,
                     std::atomic<unsigned>& requests) -> std::unique_ptr<BaseServer> {
        return make_server<Server>(address, handler<Store>(directory, std::ref(requests), sync),
                                   std::move(options));
      }};
}

template <class Transport, class Engine>
Cell cell() {
  using Kind = matrix::Cell<Transport, Engine>;
  using Server = typename Kind::Server;
  constexpr bool kHttp = std::derived_from<Transport, HTTPServer>;
  const auto make = [](const Address& address, ServerOptions options, const std::string& directory,
                       std::atomic<unsigned>& requests) -> std::unique_ptr<BaseServer> {
    if constexpr (kHttp) {
      return make_server<Server>(address, handler<Site>(directory, std::ref(requests)),
                                 std::move(options));
    } else if constexpr (Kind::kDatagrams) {
      return make_server<Server>(address, handler<Packet>(std::ref(requests)), std::move(options));
    } else {
      return make_server<Server>(address, handler<Lines>(std::ref(requests)), std::move(options));
    }
  };
  return {.name = kHttp ? std::string(Engine::kName) + "HTTPServer" : Kind::name(),
          .protocol = kHttp              ? Protocol::http
                      : Kind::kDatagrams ? Protocol::packets
                                         : Protocol::lines,
          .is_unix = Kind::kUnix,
          .concurrent = kHttp || Kind::kConcurrent,
          .has_workers = Kind::kWorker == matrix::Worker::worker_process,
          .edge_triggered = Engine::kName.ends_with("Fiber"),
          .make = make};
}

/// Fibers on loops of several worker processes.
struct PreforkFiber {
  template <class Transport>
  using On = PreforkMixIn<FiberMixIn<Transport>>;
  static constexpr std::string_view kName = "PreforkFiber";
  static constexpr matrix::Worker kWorker = matrix::Worker::worker_process;
};

template <class Engine>
void add_cells(std::vector<Cell>& cells) {
  cells.push_back(cell<TCPServer, Engine>());
  cells.push_back(cell<UDPServer, Engine>());
  cells.push_back(cell<UnixStreamServer, Engine>());
  cells.push_back(cell<UnixDatagramServer, Engine>());
  cells.push_back(cell<HTTPServer, Engine>());
}

}  // namespace

const std::vector<Cell>& all_cells() {
  static const std::vector<Cell> cells = [] {
    std::vector<Cell> made;
    add_cells<matrix::Plain>(made);
    add_cells<matrix::Threading>(made);
    add_cells<matrix::ThreadPool>(made);
    add_cells<matrix::Fiber>(made);
    add_cells<matrix::Forking>(made);
    add_cells<matrix::Prefork>(made);
    made.push_back(cell<HTTPServer, PreforkFiber>());
    return made;
  }();
  return cells;
}

const std::vector<Cell>& store_cells() {
  static const std::vector<Cell> cells = {store_cell<ThreadingHTTPServer>("Threading", true),
                                          store_cell<ForkingHTTPServer>("Forking", true),
                                          store_cell<FiberHTTPServer>("Fiber", false)};
  return cells;
}

}  // namespace socketserver::faults
