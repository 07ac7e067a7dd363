// "Hello, World!" and files with Boost.Beast: callbacks on one thread.

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/version.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

constexpr int kQueue = 4096;

/// One connection. It keeps itself alive while an operation is on its way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const std::string& directory)
      : stream_(std::move(socket)), directory_(directory) {}

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->answer();  // otherwise the client is gone
                     });
  }

 private:
  void answer() {
    if (directory_.empty()) {
      greet();
    } else {
      send_file();
    }
  }

  void greet() {
    auto& response = greeting_.emplace(http::status::ok, request_.version());
    response.set(http::field::content_type, "text/plain");
    response.body() = "Hello, World!";
    write(response);
  }

  void send_file() {
    auto& response = file_.emplace(http::status::ok, request_.version());
    response.set(http::field::content_type, "application/octet-stream");
    beast::error_code error;
    const std::string path = directory_ + std::string(request_.target());
    response.body().open(path.c_str(), beast::file_mode::scan, error);
    if (error) response.result(http::status::not_found);
    write(response);
  }

  template <class Response>
  void write(Response& response) {
    response.keep_alive(request_.keep_alive());
    response.prepare_payload();
    http::async_write(
        stream_, response,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->wrote(error); });
  }

  void wrote(beast::error_code error) {
    const bool goes_on = !error && request_.keep_alive();
    greeting_.reset();
    file_.reset();
    if (goes_on) return read();
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
  }

  beast::tcp_stream stream_;
  const std::string& directory_;
  beast::flat_buffer buffer_;
  http::request<http::empty_body> request_;
  std::optional<http::response<http::string_body>> greeting_;
  std::optional<http::response<http::file_body>> file_;
};

void accept(tcp::acceptor& acceptor, const std::string& directory) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true), error);
      std::make_shared<Session>(std::move(socket), directory)->read();
    }
    accept(acceptor, directory);
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::string directory;
  CLI::App program("Serves HTTP with Boost.Beast; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  program.add_option("--directory", directory, "Serve its files instead of the greeting")
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(program, argc, argv);

  try {
    boost::asio::io_context loop(1);
    tcp::acceptor acceptor(loop);
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind({boost::asio::ip::address_v4::loopback(), port});
    acceptor.listen(kQueue);
    std::cout << "ready " << acceptor.local_endpoint().port() << " Boost "
              << BOOST_VERSION / 100'000 << '.' << BOOST_VERSION / 100 % 1000 << std::endl;
    accept(acceptor, directory);
    loop.run();
  } catch (const std::exception& error) {
    std::cerr << "bench_peer_beast: " << error.what() << '\n';
    return 1;
  }
}
