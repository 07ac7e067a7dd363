#include "tests/unit/xmlrpc/client_canned_server.hpp"

#include <optional>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/net/waiter.hpp>
#include <system_error>
#include <tuple>
#include <utility>

namespace socketserver::xmlrpc {

CannedServer::CannedServer(std::vector<Script> scripts, const Address& address)
    : scripts_(std::move(scripts)), listener_(Socket::open(address.family(), SocketType::stream)) {
  listener_.bind(address);
  listener_.listen(16);
  address_ = listener_.getsockname();
  thread_ = std::thread([this] { run(); });
}

CannedServer::~CannedServer() {
  listener_.shutdown(Direction::both);
  thread_.join();
}

std::string CannedServer::url(std::string_view path, std::string_view credentials) const {
  return "http://" + std::string(credentials) + address_.to_string() + std::string(path);
}

std::vector<std::string> CannedServer::requests(std::size_t count) {
  received_.wait(static_cast<int>(count));
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void CannedServer::run() {
  for (const Script& script : scripts_) {
    const Deadline deadline = Deadline::after(testing::kPatience);
    if (Waiter::thread().wait(listener_.fileno(), Interest::read, deadline, true)) return;
    try {
      Socket connection = listener_.accept().first;
      accepted_.set();
      play(std::move(connection), script);
    } catch (const std::system_error&) {
      return;  // the listener was shut down
    }
    closed_.set();
  }
}

void CannedServer::play(Socket connection, const Script& script) {
  connection.settimeout(testing::kPatience);
  Reader reader(connection);
  reader.set_timeout(testing::kPatience);
  try {
    for (const std::string& text : script.answers) {
      std::string request;
      std::size_t length = 0;
      while (const auto line = reader.readline()) {
        request += *line;
        if (*line == "\r\n") break;
        constexpr std::string_view kLength = "Content-Length: ";
        if (line->starts_with(kLength)) length = std::stoul(line->substr(kLength.size()));
      }
      if (request.empty()) return;
      request += reader.read(length);
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
      }
      received_.set();
      if (text.empty()) return;
      connection.sendall(text);
    }
    while (script.stay && !reader.read_some(1).empty()) {
    }
  } catch (const std::system_error&) {
    // The client is gone.
  }
}

std::string answer(std::string_view body, std::string_view fields, std::string_view status) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: text/xml\r\n" +
         std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string document(const std::vector<std::string>& values) {
  std::string text = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n";
  for (const std::string& value : values) text += "<param><value>" + value + "</value></param>\n";
  return text + "</params>\n</methodResponse>\n";
}

std::string number(int value) {
  return answer(document({"<int>" + std::to_string(value) + "</int>"}));
}

std::string fault(int code, std::string_view text) {
  return answer(
      "<?xml version='1.0'?><methodResponse><fault><value><struct>"
      "<member><name>faultCode</name><value><int>" +
      std::to_string(code) +
      "</int></value></member><member><name>faultString</name><value><string>" + std::string(text) +
      "</string></value></member></struct></value></fault></methodResponse>");
}

}  // namespace socketserver::xmlrpc
