#include <socketserver/http/base_handler.hpp>

#include <array>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/date.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/server/base_server.hpp>

#include "http/clock.hpp"
#include "http/error_page.hpp"
#include "http/http1_connection.hpp"

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
std::string reason_phrase(std::string_view message) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string phrase;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      phrase += c;
    } else {
      phrase += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return phrase;
}

/// Responses of these codes end with their head (RFC 9110 §15.3.5, §15.3.6, §15.4.5).
bool has_error_page(int code) {
  return code >= 200 && code != 204 && code != 205 && code != 304;
}

}  // namespace

BaseHTTPRequestHandler::BaseHTTPRequestHandler() = default;
BaseHTTPRequestHandler::~BaseHTTPRequestHandler() = default;

std::string_view BaseHTTPRequestHandler::command() const {
  return during_request(connection_.get()).request().method;
}

std::string_view BaseHTTPRequestHandler::path() const {
  return during_request(connection_.get()).request().path;
}

std::string_view BaseHTTPRequestHandler::requestline() const {
  return during_request(connection_.get()).request().requestline;
}

std::string_view BaseHTTPRequestHandler::request_version() const {
  return during_request(connection_.get()).request().version;
}

const http::Headers& BaseHTTPRequestHandler::headers() const {
  return during_request(connection_.get()).request().headers;
}

Reader& BaseHTTPRequestHandler::rfile() {
  return during_request(body_ ? &*body_ : nullptr);
}

Writer& BaseHTTPRequestHandler::wfile() {
  if (head_open_) throw std::logic_error("the head of the response is open: call end_headers()");
  return during_request(response_ ? &*response_ : nullptr);
}

void BaseHTTPRequestHandler::setup() {
  StreamRequestHandler::setup();
  connection_ = std::make_unique<http::Http1Connection>(
      StreamRequestHandler::rfile(), request().stream(), server().options().limits, timeout());
  body_.emplace(connection_->request_body());
  response_.emplace(connection_->response_body());
}

void BaseHTTPRequestHandler::handle() {
  require_setup(connection_.get());
  do {
    handle_one_request();
  } while (!close_connection_);
}

void BaseHTTPRequestHandler::finish() {
  if (connection_) {
    connection_->flush();
    if (lingers_) connection_->linger();
  }
  StreamRequestHandler::finish();
}

void BaseHTTPRequestHandler::handle_one_request() {
  using Next = http::Http1Connection::Next;
  close_connection_ = true;
  head_open_ = false;
  status_ = 0;
  const Next next = connection_->next();
  request_start_ = Deadline::Clock::now();
  connection_->set_rules(protocol_version(), server().stop_requested());
  switch (next) {
    case Next::closed:
      return;
    case Next::idle_timeout:
      // A silent client is nothing to write home about, unless the handler set the time itself.
      if (timeout()) log_error("Request timed out");
      return;
    case Next::timeout:
      log_error("Request timed out");
      refuse(408, {});
      return end_answer();
    case Next::refused:
      if (connection_->error().status == 0) return;
      refuse(connection_->error().status, connection_->error().message);
      return end_answer();
    case Next::request:
      return serve_request();
  }
}

void BaseHTTPRequestHandler::serve_request() {
  try {
    answer_request();
  } catch (...) {
    end_answer();
    throw;
  }
  end_answer();
}

void BaseHTTPRequestHandler::end_answer() {
  if (status_ == 0) return;
  log_answer({.status = status_,
              .body_bytes = connection_->body_bytes(),
              .duration = Deadline::Clock::now() - request_start_});
}

void BaseHTTPRequestHandler::answer_request() {
  close_connection_ = !connection_->keeps_alive();
  // Fresh ones: what an earlier request left in them is not of this body.
  body_.emplace(connection_->request_body());
  response_.emplace(connection_->response_body());
  try {
    run_method();
    if (head_open_) {
      log_error("the method for " + http::repr(command()) + " did not call end_headers()");
      end_headers();
    }
    if (!connection_->response_begun()) {
      log_error("the method for " + http::repr(command()) + " sent no response");
    }
    if (connection_->finish()) return;
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
}

void BaseHTTPRequestHandler::run_method() {
  if (connection_->body_too_large()) return refuse(413, {});
  if (connection_->request().expect_continue && protocol_version() >= "HTTP/1.1" &&
      !handle_expect_100()) {
    return;
  }
  try {
    if (!dispatch(command())) send_unsupported();
  } catch (const OSError& error) {
    // A body that could not be read is the client's fault and has an answer of its own; so has one
    // that is longer than the handler wants to read.
    int status = connection_->body_failure_status();
    if (error.code() == std::errc::message_size) status = 413;
    if (status == 0 || connection_->response_begun()) throw;
    refuse(status, {});
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

void BaseHTTPRequestHandler::refuse(int status, std::string_view message) {
  send_error(status, message.empty() ? std::nullopt : std::optional(message));
  connection_->end_response();
  lingers_ = true;
}

void BaseHTTPRequestHandler::send_response(int code, std::optional<std::string_view> message) {
  send_response_only(code, message);
  log_request(code);
  head_.headers.add("Server", version_string());
  head_.headers.add("Date", http::date_now());
}

void BaseHTTPRequestHandler::send_response_only(int code, std::optional<std::string_view> message) {
  if (code < 100 || code > 999) {
    throw std::invalid_argument("status code " + std::to_string(code) + " is not three digits");
  }
  if (during_request(connection_.get()).response_begun()) {
    throw std::logic_error("a response to this request was begun already");
  }
  const http::StatusText* known = http::find_status(code);
  head_.clear();
  head_.status = code;
  head_.reason = reason_phrase(message.value_or(known != nullptr ? known->phrase : ""));
  head_open_ = true;
}

void BaseHTTPRequestHandler::send_header(std::string_view name, std::string_view value) {
  if (!head_open_) throw std::logic_error("send_header: call send_response() first");
  head_.headers.add(name, value);
  if (!http::iequals(name, "Connection")) return;
  if (http::iequals(value, "close")) close_connection_ = true;
  if (http::iequals(value, "keep-alive")) close_connection_ = false;
}

void BaseHTTPRequestHandler::end_headers() {
  if (!head_open_) throw std::logic_error("end_headers: call send_response() first");
  head_open_ = false;
  if (head_.status < 200 && head_.status != 101) return connection_->send_interim(head_);
  // The server may have been told to stop since the request came.
  if (close_connection_ || server().stop_requested()) connection_->close_after_response();
  status_ = head_.status;
  connection_->begin_response(std::move(head_));
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
  if (!has_error_page(code)) return end_headers();

  const std::string page =
      http::format_error_page(error_message_format(), code, short_text, long_text);
  send_header("Content-Type", error_content_type());
  send_header("Content-Length", std::to_string(page.size()));
  end_headers();
  wfile().write(page);
}

void BaseHTTPRequestHandler::log_request(std::optional<int> code,
                                         std::optional<std::uint64_t> size) {
  // A quote of the client's must not end the field early.
  std::string line;
  for (const char c : requestline()) c == '"' ? line += "%22" : line += c;
  log_message('"' + line + "\" " + (code ? std::to_string(*code) : "-") + ' ' +
              (size ? std::to_string(*size) : "-"));
}

void BaseHTTPRequestHandler::log_error(std::string_view message) {
  log_message(message);
}

void BaseHTTPRequestHandler::log_answer(const http::AnswerSummary& /*answer*/) {}

void BaseHTTPRequestHandler::log_message(std::string_view message) {
  server().log(LogLevel::info, address_string() + " - - [" + log_date_time_string() + "] " +
                                   http::escape_log(message));
}

std::string BaseHTTPRequestHandler::version_string() const {
  return std::string(server_version()) + ' ' + std::string(sys_version());
}

std::string BaseHTTPRequestHandler::date_time_string(std::optional<std::int64_t> timestamp) const {
  return timestamp ? http::format_date(*timestamp) : std::string(http::date_now());
}

std::string BaseHTTPRequestHandler::log_date_time_string() const {
  return std::string(http::log_date_now());
}

std::string BaseHTTPRequestHandler::address_string() const {
  return client_address().host();
}

std::string_view BaseHTTPRequestHandler::error_message_format() const {
  return http::kErrorPage;
}

}  // namespace socketserver
