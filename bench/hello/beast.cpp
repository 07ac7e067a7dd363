// "Hello, World!" with Boost.Beast: a thread for each connection.

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>
#include <utility>

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

void serve(tcp::socket socket) {
  beast::flat_buffer buffer;
  beast::error_code ec;
  for (bool keep_alive = true; keep_alive && !ec;) {
    http::request<http::string_body> request;
    http::read(socket, buffer, request, ec);
    if (ec) return;
    http::response<http::string_body> response(http::status::ok, request.version());
    response.set(http::field::content_type, "text/plain");
    response.keep_alive(keep_alive = request.keep_alive());
    response.body() = "Hello, World!";
    response.prepare_payload();
    http::write(socket, response, ec);
  }
}

int main() {
  boost::asio::io_context context;
  tcp::acceptor acceptor(context, {tcp::v4(), 8080});
  for (;;) std::thread(serve, acceptor.accept()).detach();
}
