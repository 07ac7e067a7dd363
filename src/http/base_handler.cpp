#include <socketserver/http/base_handler.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/http/proto/accept_encoding.hpp>
#include <socketserver/http/proto/date.hpp>
#include <socketserver/http/proto/etag.hpp>
#include <socketserver/http/proto/target.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/http/request_error.hpp>
#include <socketserver/server/base_server.hpp>

#include "http/clock.hpp"
#include "http/encoded_sink.hpp"
#include "http/error_page.hpp"
#include "http/http1_connection.hpp"
#include "http/log_line.hpp"
#include "http/proto/append_all.hpp"
#include "http/proto/char_class.hpp"

namespace socketserver {
namespace {

template <class T>
T& during_request(T* part) {
  if (part == nullptr) throw std::logic_error("there is no HTTP request to work on");
  return *part;
}

void require_setup(const void* connection) {
  if (connection == nullptr) {
    throw std::logic_error("BaseHTTPRequestHandler::setup() has not run: an override must call it");
  }
}

/// A reason phrase that cannot end its line: what is not printable ASCII is escaped.
void append_reason(std::string& phrase, std::string_view message) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (http::is_plain(message)) {
    phrase += message;
    return;
  }
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      phrase += c;
    } else {
      phrase += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

/// Responses of other codes end with their head (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
bool has_body(int code) {
  return code >= 200 && code != 204 && code != 205 && code != 304;
}

/// Whether the body that this head announces gains by a content coding.
bool may_be_encoded(const http::ResponseHead& head) {
  constexpr std::uint64_t kWorthwhile = 1024;
  if (!has_body(head.status) || head.status == 206) return false;
  if (head.headers.contains("Content-Encoding")) return false;
  const auto length = head.headers.get("Content-Length");
  if (!length) return true;
  std::uint64_t bytes = 0;
  std::from_chars(length->data(), length->data() + length->size(), bytes);
  return bytes >= kWorthwhile;
}

}  // namespace

BaseHTTPRequestHandler::BaseHTTPRequestHandler() = default;
BaseHTTPRequestHandler::~BaseHTTPRequestHandler() = default;

void BaseHTTPRequestHandler::GiveBack::operator()(
    http::Http1Connection* connection) const noexcept {
  http::Http1Connection::GiveBack()(connection);
}

std::string_view BaseHTTPRequestHandler::command() const {
  return during_request(exchange_).request().method;
}

std::string_view BaseHTTPRequestHandler::path() const {
  return during_request(exchange_).request().path;
}

std::string_view BaseHTTPRequestHandler::requestline() const {
  return during_request(exchange_).request().requestline;
}

std::string_view BaseHTTPRequestHandler::request_version() const {
  return during_request(exchange_).request().version;
}

const http::Headers& BaseHTTPRequestHandler::headers() const {
  return during_request(exchange_).request().headers;
}

Reader& BaseHTTPRequestHandler::rfile() {
  http::Exchange& exchange = during_request(exchange_);
  if (!body_) body_.emplace(exchange.request_body());
  return *body_;
}

const http::Parameters& BaseHTTPRequestHandler::query() {
  if (!query_) query_ = query(http::QueryLimits());
  return *query_;
}

http::Parameters BaseHTTPRequestHandler::query(http::QueryLimits limits) const {
  auto fields = http::parse_query(http::split_target(path()).query, limits);
  if (!fields) throw http::RequestError(400, "The query of the address is too large");
  return *std::move(fields);
}

http::Form BaseHTTPRequestHandler::read_form(const http::FormLimits& limits) {
  return http::read_form(rfile(), headers()["Content-Type"], limits);
}

http::MultipartReader BaseHTTPRequestHandler::read_parts(const http::FormLimits& limits) {
  return http::MultipartReader(rfile(), headers()["Content-Type"], limits);
}

Writer& BaseHTTPRequestHandler::wfile() {
  if (head_open_) throw std::logic_error("the head of the response is open: call end_headers()");
  http::Exchange& exchange = during_request(exchange_);
  if (!response_) response_.emplace(encoding_ ? *encoding_ : exchange.response_body());
  return *response_;
}

void BaseHTTPRequestHandler::setup() {
  if (exchange_ == nullptr) {
    StreamRequestHandler::setup();
    connection_.reset(http::Http1Connection::take(StreamRequestHandler::rfile(), request(),
                                                  server().options().limits, timeout())
                          .release());
    exchange_ = connection_.get();
  }
  begin_exchange();
}

void BaseHTTPRequestHandler::serve(http::Exchange& exchange, const Address& client_address,
                                   BaseServer& server) {
  Request nothing{Socket()};
  exchange_ = &exchange;
  const ScopeExit forget([this]() noexcept { exchange_ = nullptr; });
  run(nothing, client_address, server);
}

void BaseHTTPRequestHandler::handle() {
  require_setup(exchange_);
  if (!connection_) return answer_request();
  do {
    handle_one_request();
  } while (!close_connection_);
}

void BaseHTTPRequestHandler::finish() {
  if (!connection_) return;
  connection_->flush();
  if (lingers_) connection_->linger();
  StreamRequestHandler::finish();
}

void BaseHTTPRequestHandler::handle_one_request() {
  using Next = http::Http1Connection::Next;
  close_connection_ = true;
  head_open_ = false;
  status_ = 0;
  const Next next = connection_->next();
  if (next == Next::parked || next == Next::closed) return;
  request_start_ = Deadline::Clock::now();
  connection_->set_rules(protocol_version(), server().stop_requested());
  switch (next) {
    case Next::parked:
    case Next::closed:
      return;  // was said already
    case Next::idle_timeout:
      // A silent client is nothing to write home about, unless the handler set the time itself.
      if (timeout()) log_error("Request timed out");
      return;
    case Next::timeout:
      log_error("Request timed out");
      refuse(408);
      return end_answer();
    case Next::refused:
      if (connection_->error().status == 0) return;
      refuse(connection_->error().status, connection_->error().message);
      return end_answer();
    case Next::request:
      return serve_request();
  }
}

/// What an earlier request left in reader and writer is not of this one.
void BaseHTTPRequestHandler::begin_exchange() {
  head_open_ = false;
  body_.reset();
  query_.reset();
  begin_plain_body();
}

/// Has the method answer, whatever carries the exchange.
void BaseHTTPRequestHandler::answer_request() {
  begin_exchange();
  run_method();
  if (head_open_) {
    log_error("the method for " + http::repr(command()) + " did not call end_headers()");
    end_headers();
  }
  end_body();
  if (!exchange_->response_begun()) {
    log_error("the method for " + http::repr(command()) + " sent no response");
  }
  exchange_->end_response();
}

void BaseHTTPRequestHandler::serve_request() {
  try {
    answer_on_connection();
  } catch (...) {
    end_answer();
    throw;
  }
  end_answer();
}

void BaseHTTPRequestHandler::end_answer() {
  if (status_ == 0) return;
  log_answer({.status = status_, .body_bytes = connection_->body_bytes(), .begun = request_start_});
}

void BaseHTTPRequestHandler::answer_on_connection() {
  close_connection_ = !connection_->keeps_alive();
  try {
    answer_request();
    // How much of the rest rfile() has taken already is a matter of packets.
    if (connection_->finish(body_ ? body_->buffered().size() : 0)) return;
  } catch (const TimeoutError&) {
    connection_->abandon();
    // The handler's own timeouts, of a database perhaps, are errors like any other.
    if (!connection_->client_timed_out()) throw;
    log_error("Request timed out");
    close_connection_ = true;
    return;
  } catch (...) {
    // Nothing of a response that failed, unless some of it is on its way already.
    connection_->abandon();
    throw;
  }
  close_connection_ = true;
  lingers_ = connection_->input_is_unread();
  if (connection_->response_is_short()) {
    log_error("the method for " + http::repr(command()) + " wrote less than its Content-Length");
  }
}

void BaseHTTPRequestHandler::run_method() {
  if (connection_ && connection_->body_too_large()) return refuse(413);
  if (exchange_->request().expect_continue && protocol_version() >= "HTTP/1.1" &&
      !handle_expect_100()) {
    return;
  }
  try {
    if (!dispatch(command())) send_unsupported();
  } catch (const http::RequestError& error) {
    if (exchange_->response_begun()) throw;
    refuse(error.status(), std::nullopt, error.what());
  } catch (const http::SpoolError& error) {
    if (exchange_->response_begun()) throw;
    server().log(LogLevel::error, error.what());
    const bool full = error.code() == std::errc::no_space_on_device ||
                      error.code() == std::errc::file_too_large ||
                      error.code() == std::error_code(EDQUOT, std::generic_category());
    refuse(full ? 507 : 500);
  } catch (const OSError& error) {
    // A body that could not be read is the client's fault and has an answer of its own; so has one
    // that is longer than the handler wants to read.
    int status = connection_ ? connection_->body_failure_status() : 0;
    if (error.code() == std::errc::message_size) status = 413;
    if (status == 0 || exchange_->response_begun()) throw;
    refuse(status);
  }
}

bool BaseHTTPRequestHandler::handle_expect_100() {
  send_response_only(100);
  end_headers();
  return true;
}

bool BaseHTTPRequestHandler::dispatch(std::string_view command) {
  using Method = void (BaseHTTPRequestHandler::*)();
  static constexpr std::array<std::pair<std::string_view, Method>, 9> kMethods = {{
      {"GET", &BaseHTTPRequestHandler::do_GET},
      {"HEAD", &BaseHTTPRequestHandler::do_HEAD},
      {"POST", &BaseHTTPRequestHandler::do_POST},
      {"PUT", &BaseHTTPRequestHandler::do_PUT},
      {"DELETE", &BaseHTTPRequestHandler::do_DELETE},
      {"CONNECT", &BaseHTTPRequestHandler::do_CONNECT},
      {"OPTIONS", &BaseHTTPRequestHandler::do_OPTIONS},
      {"TRACE", &BaseHTTPRequestHandler::do_TRACE},
      {"PATCH", &BaseHTTPRequestHandler::do_PATCH},
  }};
  for (const auto& [name, method] : kMethods) {
    if (name != command) continue;
    (this->*method)();
    return true;
  }
  return false;
}

void BaseHTTPRequestHandler::send_unsupported() {
  send_error(501, "Unsupported method (" + http::repr(command()) + ")");
}

void BaseHTTPRequestHandler::refuse(int status, std::optional<std::string_view> message,
                                    std::optional<std::string_view> explain) {
  send_error(status, message, explain);
  exchange_->end_response();
  lingers_ = true;
}

void BaseHTTPRequestHandler::send_response(int code, std::optional<std::string_view> message) {
  send_response_only(code, message);
  log_request(code);
  http::Headers& headers = exchange_->draft().headers;
  headers.add("Server", version_string());
  headers.add("Date", http::date_now());
}

void BaseHTTPRequestHandler::send_response_only(int code, std::optional<std::string_view> message) {
  if (code < 100 || code > 999) {
    throw std::invalid_argument("status code " + std::to_string(code) + " is not three digits");
  }
  if (during_request(exchange_).response_begun()) {
    throw std::logic_error("a response to this request was begun already");
  }
  const http::StatusText* known = http::find_status(code);
  if (encoding_) begin_plain_body();
  http::ResponseHead& head = exchange_->draft();
  head.clear();
  head.status = code;
  if (message) {
    append_reason(head.reason, *message);
  } else if (known != nullptr) {
    head.reason = known->phrase;
  }
  head_open_ = true;
}

void BaseHTTPRequestHandler::send_header(std::string_view name, std::string_view value) {
  if (!head_open_) throw std::logic_error("send_header: call send_response() first");
  exchange_->draft().headers.add(name, value);
  if (!http::iequals(name, "Connection")) return;
  if (http::iequals(value, "close")) close_connection_ = true;
  if (http::iequals(value, "keep-alive")) close_connection_ = false;
}

void BaseHTTPRequestHandler::end_headers() {
  if (!head_open_) throw std::logic_error("end_headers: call send_response() first");
  head_open_ = false;
  http::ResponseHead& head = exchange_->draft();
  if (head.status < 200 && head.status != 101) return exchange_->send_interim(head);
  // The server may have been told to stop since the request came.
  if (connection_ && (close_connection_ || server().stop_requested())) {
    connection_->close_after_response();
  }
  status_ = head.status;
  exchange_->begin_response(std::move(head));
}

bool BaseHTTPRequestHandler::encode_body(std::span<const std::string_view> codings) {
  if (!head_open_) throw std::logic_error("encode_body: call it before end_headers()");
  http::ResponseHead& head = exchange_->draft();
  http::Headers& fields = head.headers;
  if (!may_be_encoded(head)) return false;
  if (!fields.has_token("Vary", "Accept-Encoding")) fields.add("Vary", "Accept-Encoding");
  const std::string_view coding = http::choose_coding(headers().joined("Accept-Encoding"), codings);
  if (coding == http::kIdentity) return false;
  begin_encoded_body(coding);
  fields.add("Content-Encoding", coding);
  fields.remove("Content-Length");
  fields.remove("Accept-Ranges");
  if (const auto tag = fields.get("ETag"); tag && tag->starts_with('"')) {
    fields.set("ETag", http::weak_tag_of_coding(*tag, coding));
  }
  return true;
}

/// Sets where the body of the response goes.
void BaseHTTPRequestHandler::begin_plain_body() {
  encoding_.reset();
  response_.reset();
}

void BaseHTTPRequestHandler::begin_encoded_body(std::string_view coding) {
  encoding_ = std::make_unique<http::EncodedSink>(exchange_->response_body(), coding);
  response_.reset();
}

void BaseHTTPRequestHandler::end_body() {
  if (!encoding_) return;
  // A method for HEAD that wrote nothing has not said what there would be.
  const bool untold = encoding_->empty() && command() == "HEAD";
  if (const auto ec = untold ? std::error_code() : encoding_->finish()) {
    throw_os_error(ec, "send response");
  }
  begin_plain_body();  // a connection that waits for its next request keeps no encoder
}

void BaseHTTPRequestHandler::cut_response() {
  during_request(connection_.get()).abandon();
  if (encoding_) begin_plain_body();  // its end would be sent otherwise
  close_connection_ = true;
}

void BaseHTTPRequestHandler::flush_headers() {
  if (!head_open_) wfile().flush();
}

void BaseHTTPRequestHandler::send_error(int code, std::optional<std::string_view> message,
                                        std::optional<std::string_view> explain,
                                        const http::Headers& extra) {
  const http::StatusText* known = http::find_status(code);
  const std::string_view short_text = message.value_or(known != nullptr ? known->phrase : "???");
  const std::string_view long_text =
      explain.value_or(known != nullptr ? known->explanation : "???");
  log_error("code " + std::to_string(code) + ", message " + std::string(short_text));
  send_response(code, short_text);
  for (const auto [name, value] : extra) send_header(name, value);
  send_header("Connection", "close");
  if (!has_body(code)) return end_headers();

  const std::string page =
      http::format_error_page(error_message_format(), code, short_text, long_text);
  send_header("Content-Type", error_content_type());
  send_header("Content-Length", std::to_string(page.size()));
  end_headers();
  wfile().write(page);
}

void BaseHTTPRequestHandler::log_request(std::optional<int> code,
                                         std::optional<std::uint64_t> size) {
  std::string quoted;
  const std::string_view request = http::without_quotes(requestline(), quoted);
  const http::LogLine line("\"", request, "\" ", http::LoggedNumber(code).view(), " ",
                           http::LoggedNumber(size).view());
  log_message(line.view());
}

void BaseHTTPRequestHandler::log_error(std::string_view message) {
  log_message(message);
}

void BaseHTTPRequestHandler::log_answer(const http::AnswerSummary& /*answer*/) {}

void BaseHTTPRequestHandler::log_message(std::string_view message) {
  if (!server().options().log) return;
  server().log(LogLevel::info, address_string() + " - - [" + log_date_time_string() + "] " +
                                   http::escape_log(message));
}

std::string BaseHTTPRequestHandler::version_string() const {
  std::string text;
  http::append_all(text, server_version(), " ", sys_version());
  return text;
}

std::string BaseHTTPRequestHandler::date_time_string(std::optional<std::int64_t> timestamp) const {
  return timestamp ? http::format_date(*timestamp) : std::string(http::date_now());
}

std::string BaseHTTPRequestHandler::log_date_time_string() const {
  return std::string(http::log_date_now());
}

std::string BaseHTTPRequestHandler::address_string() const {
  const Address& client = client_address();
  return client.family() == AddressFamily::unix_domain ? "unix:" : client.host();
}

std::string_view BaseHTTPRequestHandler::error_message_format() const {
  return http::kErrorPage;
}

}  // namespace socketserver
