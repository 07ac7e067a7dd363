// Tells in its answers what it made of a request, so that they can be compared with another
// server's. Arguments: PORT, 0 for any, and HTTP/1.0 or HTTP/1.1.

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http_server.hpp>

#include "run_server.hpp"

using namespace socketserver;

/// Latin-1 text as Python's `repr` shows it, in Latin-1.
std::string python_repr(std::string_view text) {
  const bool double_quotes = text.find('\'') != text.npos && text.find('"') == text.npos;
  const char quote = double_quotes ? '"' : '\'';
  std::string shown(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool printable = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte != 0xad);
    if (c == quote || c == '\\') {
      shown += {'\\', c};
    } else if (c == '\t') {
      shown += "\\t";
    } else if (printable) {
      shown += c;
    } else {
      constexpr std::string_view kHex = "0123456789abcdef";
      shown += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return shown += quote;
}

/// All headers, sorted, as Python shows a list of pairs; of many, only how many.
std::string python_list(const http::Headers& headers) {
  if (headers.size() >= 8) return std::to_string(headers.size());
  std::vector<std::pair<std::string_view, std::string_view>> sorted;
  for (const auto [name, value] : headers) sorted.emplace_back(name, value);
  std::ranges::sort(sorted);
  std::string shown = "[";
  for (const auto& [name, value] : sorted) {
    if (shown.size() > 1) shown += ", ";
    shown += '(' + python_repr(name) + ", " + python_repr(value) + ')';
  }
  return shown + ']';
}

class OracleBase : public BaseHTTPRequestHandler {
 public:
  explicit OracleBase(std::string_view protocol) : protocol_(protocol) {}

 protected:
  std::string_view protocol_version() const override { return protocol_; }

  bool dispatch(std::string_view command) override {
    if (command.starts_with("ERR")) return send_named_error(command.substr(3));
    if (command == "KEEP") {
      send_response(204);
      send_header("Connection", "keep-alive");
      end_headers();
    } else if (command == "NORESP") {
      // Nothing.
    } else if (command == "RAW") {
      wfile() << "raw bytes";
    } else if (command == "RAISE") {
      throw std::runtime_error("boom");
    } else {
      return BaseHTTPRequestHandler::dispatch(command);
    }
    return true;
  }

  void do_GET() override {
    const bool closes = close_connection();
    send_body("M=" + std::string(command()) + " P=" + python_repr(path()) +
              " V=" + std::string(request_version()) + " CC=" + (closes ? "True" : "False") +
              " H=" + python_list(headers()) + '\n');
  }

  void do_HEAD() override { do_GET(); }

  void do_POST() override {
    const std::string_view length = headers()["Content-Length"];
    std::size_t count = 0;
    std::from_chars(length.data(), length.data() + length.size(), count);
    send_body("BODY=" + rfile().read(count));
  }

 private:
  bool send_named_error(std::string_view name) {
    if (name == "MSG") {
      send_error(418, "short <b>&\"'", "long <i>\n&\"'");
      return true;
    }
    int code = 0;
    std::from_chars(name.data(), name.data() + name.size(), code);
    send_error(code);
    return true;
  }

  void send_body(std::string_view body) {
    send_response(200);
    send_header("Content-Type", "text/plain");
    send_header("Content-Length", std::to_string(body.size()));
    end_headers();
    wfile().write(body);
  }

  std::string_view protocol_;
};

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  ServerOptions options;
  // As CPython allows.
  options.limits.request_line_bytes = 65536;
  ThreadingHTTPServer server({"127.0.0.1", std::stoi(argv[1])},
                             handler<OracleBase>(std::string_view(argv[2])), options);
  return testing::run_server(server);
}
