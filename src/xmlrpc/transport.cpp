#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <ostream>
#include <socketserver/base/error.hpp>
#include <socketserver/base/offload.hpp>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/base/sleep.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <socketserver/xmlrpc/transport.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "xmlrpc/codec/base64.hpp"
#include "xmlrpc/codec/gzip_reader.hpp"
#include "xmlrpc/connect.hpp"
#include "xmlrpc/flow_waiter.hpp"
#include "xmlrpc/response_body.hpp"

namespace socketserver::xmlrpc {
namespace {

constexpr int kOK = 200;
constexpr std::size_t kPieceSize = std::size_t{16} * 1024;

/// A kept connection was closed before any byte of the answer: worth another attempt.
class StaleConnection : public OSError {
 public:
  explicit StaleConnection(const OSError& error) : OSError(error) {}
};

bool is_loss(std::error_code code) {
  return code == std::errc::broken_pipe || code == std::errc::connection_reset ||
         code == std::errc::connection_aborted;
}

/// Adds a field unless there is one already, which then stands for it.
void add_default(http::Headers& headers, std::string_view name, std::string_view value) {
  if (!headers.contains(name)) headers.add(name, value);
}

void check_fields(const ClientOptions& options) {
  http::Headers headers;
  for (const auto& [name, value] : options.headers) headers.add(name, value);
  headers.add("User-Agent", options.user_agent);
  for (const char* name : {"Content-Length", "Transfer-Encoding", "Connection"}) {
    if (headers.contains(name)) {
      throw std::invalid_argument(std::string(name) + " is the client's own business");
    }
  }
}

std::string basic(const http::BasicCredentials& credentials) {
  std::string value = "Basic ";
  append_base64(value, credentials.user + ':' + credentials.password);
  return value;
}

bool is_gzip(std::string_view coding) {
  return http::iequals(coding, "gzip") || http::iequals(coding, "x-gzip");
}

[[noreturn]] void fail_receiving(const ClientURL& url, std::error_code code) {
  if (code == std::errc::connection_aborted) {
    throw ResponseError("the answer of " + url.place() + " ended too early");
  }
  if (code == std::errc::bad_message) {
    throw ResponseError("the answer of " + url.place() + " has broken chunks");
  }
  throw_os_error(code, "receive from " + url.place());
}

[[noreturn]] void fail_too_large(const ClientURL& url, std::size_t limit) {
  throw ResponseError("the answer of " + url.place() + " is larger than " + std::to_string(limit) +
                      " bytes");
}

/// Gives all of `body` to `take`, piece by piece.
template <typename Take>
void read_all(const ClientURL& url, ByteSource& body, Deadline deadline, Take take) {
  std::array<char, kPieceSize> piece;
  for (;;) {
    const IoResult result = body.read_some(piece, deadline);
    if (result.ec) fail_receiving(url, result.ec);
    if (result.n == 0) return;
    take(std::string_view(piece.data(), result.n));
  }
}

/// Reads a short body to its end, so that the connection can be used again. Nobody needs it, so
/// what goes wrong only costs the connection.
void discard(ResponseBody& body, Deadline deadline) {
  constexpr std::size_t kMost = std::size_t{64} * 1024;
  std::array<char, kPieceSize> piece;
  for (std::size_t size = 0; !body.finished() && size <= kMost;) {
    const IoResult result = body.read_some(piece, deadline);
    if (result.ec) return;
    size += result.n;
  }
}

void print_head(std::ostream& out, const http::ParsedResponseHead& head) {
  out << "reply: " << http::repr(head.status_line) << '\n';
  for (const auto [name, value] : head.headers) {
    out << "header: " << name << ": " << http::escape_log(value) << '\n';
  }
}

void print_request(std::ostream& out, const std::string& line, const http::Headers& headers,
                   std::string_view body) {
  http::Headers shown = headers;
  if (shown.contains("Authorization")) shown.set("Authorization", "***");
  out << "send: " << http::repr(line + std::string(shown.text()) + "\r\n") << '\n'
      << "send: " << http::repr(body) << '\n';
}

/// A Unix socket says at once that its queue is full, and nothing tells when it no longer is.
Socket connect_to_unix(const Address& address, Deadline deadline) {
  constexpr Duration kFirstRetry = std::chrono::milliseconds(1);
  constexpr Duration kSlowestRetry = std::chrono::milliseconds(50);
  for (Duration retry = kFirstRetry;; retry = std::min(2 * retry, kSlowestRetry)) {
    try {
      return Socket::connect(address, deadline, flow_waiter());
    } catch (const OSError& error) {
      if (error.code() != std::errc::resource_unavailable_try_again) throw;
    }
    if (deadline.expired()) throw TimeoutError("connect " + address.to_string());
    sleep_for(std::min(retry, deadline.remaining()));
  }
}

}  // namespace

/// A connection with what is known of it.
struct Transport::Connection {
  Connection(Socket its_socket, std::string its_place)
      : socket(std::move(its_socket)), reader(socket), place(std::move(its_place)) {}

  Socket socket;
  Reader reader;
  const std::string place;
  bool used = false;  // an answer has come on it
};

Transport::Transport(ClientOptions options) : options_(std::move(options)) {
  check_fields(options_);
}

Transport::~Transport() = default;

void Transport::close() noexcept {
  connection_.reset();
}

Array Transport::request(const ClientURL& url, std::string_view body) {
  const Deadline deadline = Deadline::after(options_.timeout);
  const auto allow_for_connecting = [&] {
    connect_deadline_ = Deadline::earlier(Deadline::after(options_.connect_timeout), deadline);
  };
  allow_for_connecting();
  try {
    return single_request(url, body, deadline);
  } catch (const StaleConnection&) {
    // Its connection is closed, so that the next attempt is the last one.
    allow_for_connecting();
    return single_request(url, body, deadline);
  }
}

Array Transport::single_request(const ClientURL& url, std::string_view body, Deadline deadline) {
  ScopeExit closing([this]() noexcept { close(); });
  std::optional<OSError> sending_failed;
  try {
    send_request(url, body, deadline);
  } catch (const OSError& error) {
    // A server that has read enough may answer and close: its answer says more than the error.
    if (!connection_ || !is_loss(error.code())) throw;
    sending_failed = error;
    connection_->socket.mark_readable();  // else it tells of the failure, not of what has come
  }

  http::ResponseParser parser(options_.head_limits);
  const bool stale = connection_->used;
  try {
    receive_head(url, parser, deadline);
  } catch (const OSError& error) {
    if (!is_loss(error.code())) throw;
    const OSError& first = sending_failed ? *sending_failed : error;
    if (stale) throw StaleConnection(first);
    throw OSError(first);
  }
  connection_->used = true;

  Reader& reader = connection_->reader;
  const http::ParsedResponseHead& head = parser.head();
  ResponseBody content(reader, head);
  const auto keep = [&] {
    const bool in_order = content.finished() && reader.buffered().empty() && !sending_failed;
    if (head.keep_alive && in_order) closing.dismiss();
  };
  if (head.status != kOK) {
    discard(content, deadline);
    keep();
    throw ProtocolError(url.name, head.status, head.reason, head.headers);
  }
  try {
    Array values = parse_response(url, head, content, deadline);
    keep();
    return values;
  } catch (const Fault&) {
    keep();
    throw;
  }
}

void Transport::connect_or_reuse(const ClientURL& url, Deadline deadline) {
  // Input on an idle connection is its end, or nothing that was asked for.
  if (connection_ && (connection_->place != url.place() || connection_->socket.has_input())) {
    close();
  }
  if (connection_) return;
  Socket socket = make_connection(url, Deadline::earlier(connect_deadline_, deadline));
  connection_ = std::make_unique<Connection>(std::move(socket), url.place());
}

Socket Transport::make_connection(const ClientURL& url, Deadline deadline) {
  if (url.unix_socket) return connect_to_unix(*url.unix_socket, deadline);
  const auto addresses = offload([&] { return Address::resolve(url.host, url.port); });
  return connect_to_any(addresses, deadline, flow_waiter());
}

void Transport::send_request(const ClientURL& url, std::string_view body, Deadline deadline) {
  connect_or_reuse(url, deadline);
  http::Headers headers;
  send_headers(url, headers);
  send_content(url, headers, body, deadline);
}

void Transport::send_headers(const ClientURL& url, http::Headers& headers) {
  const auto is_host = [](const auto& field) { return http::iequals(field.first, "Host"); };
  if (std::ranges::none_of(options_.headers, is_host)) headers.add("Host", url.authority);
  for (const auto& [name, value] : options_.headers) headers.add(name, value);
  if (url.credentials) add_default(headers, "Authorization", basic(*url.credentials));
  add_default(headers, "Accept-Encoding", options_.accept_gzip_encoding ? "gzip" : "identity");
  add_default(headers, "Content-Type", "text/xml");
  add_default(headers, "User-Agent", options_.user_agent);
}

void Transport::send_content(const ClientURL& url, http::Headers& headers, std::string_view body,
                             Deadline deadline) {
  const std::string line = "POST " + url.handler + " HTTP/1.1\r\n";
  std::string compressed;
  std::string_view content = body;
  if (options_.encode_threshold && body.size() > *options_.encode_threshold) {
    compressed = gzip_encode(body);
    // Servers take what comes to very much more than it is for a bomb.
    if (body.size() <= most_content(compressed.size(), kUsualExpansion)) {
      content = compressed;
      headers.set("Content-Encoding", "gzip");
    }
  }
  headers.set("Content-Length", std::to_string(content.size()));
  if (options_.verbose) print_request(*options_.verbose, line, headers, body);

  std::array<std::string_view, 4> parts = {line, headers.text(), "\r\n", content};
  const auto timeout = deadline.is_never() ? std::nullopt : std::optional(deadline.remaining());
  if (const auto code = write_all(connection_->socket, parts, timeout, TimeoutFrom::call)) {
    throw_os_error(code, "send to " + url.place());
  }
}

/// Reads the head of the answer proper.
///
/// @throws OSError, `std::errc::connection_reset`, only when nothing at all has come.
void Transport::receive_head(const ClientURL& url, http::ResponseParser& parser,
                             Deadline deadline) {
  constexpr int kMostInterims = 32;
  Reader& reader = connection_->reader;
  using Status = http::ResponseParser::Status;
  for (int interims = 0;; ++interims) {
    Status status = Status::need_more;
    while ((status = parser.parse(reader.buffered())) == Status::need_more) {
      const IoResult more = reader.fill(deadline);
      const bool begun = interims > 0 || !reader.buffered().empty();
      if (more.n > 0) continue;
      if (more.ec && !is_loss(more.ec)) throw_os_error(more.ec, "receive from " + url.place());
      fail_receiving(url, std::make_error_code(begun ? std::errc::connection_aborted
                                                     : std::errc::connection_reset));
    }
    if (status == Status::failed) {
      throw ResponseError("the answer of " + url.place() +
                          " is no HTTP: " + std::string(parser.error()));
    }
    reader.consume(parser.consumed());
    if (options_.verbose) print_head(*options_.verbose, parser.head());
    if (!parser.head().is_interim()) return;
    if (interims == kMostInterims) {
      throw ResponseError(url.place() + " never comes to the answer proper");
    }
    parser.reset();
  }
}

Array Transport::parse_response(const ClientURL& url, const http::ParsedResponseHead& head,
                                ByteSource& body, Deadline deadline) {
  const std::string coding = head.headers.joined("Content-Encoding");
  const bool compressed = is_gzip(coding);
  if (!compressed && !coding.empty() && !http::iequals(coding, "identity")) {
    throw ResponseError("the answer of " + url.place() + " has the unknown coding " +
                        http::repr(coding));
  }

  const std::size_t limit = options_.limits.bytes;
  Unmarshaller unmarshaller(options_.limits);
  const auto feed = [&](std::string_view document) {
    if (options_.verbose) *options_.verbose << "body: " << http::repr(document) << '\n';
    if (!unmarshaller.feed(document)) throw ResponseError(unmarshaller.failure().text);
  };

  std::size_t received = 0;
  std::string data;
  read_all(url, body, deadline, [&](std::string_view piece) {
    received += piece.size();
    if (received > limit) fail_too_large(url, limit);
    compressed ? static_cast<void>(data.append(piece)) : feed(piece);
  });
  if (compressed) {
    const GzipResult result = gzip_decode(data, limit);
    if (!result.data && result.error == GzipError::too_large) fail_too_large(url, limit);
    if (!result.data) throw ResponseError("the answer of " + url.place() + " is no gzip data");
    feed(*result.data);
  }

  std::optional<Message> message = unmarshaller.close();
  if (!message) throw ResponseError(unmarshaller.failure().text);
  if (message->kind == MessageKind::fault) throw Fault(message->fault_code, message->fault_text);
  if (message->kind == MessageKind::call) throw ResponseError("a call where an answer is due");
  return std::move(message->params);
}

}  // namespace socketserver::xmlrpc
