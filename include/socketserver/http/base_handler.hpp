#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <socketserver/http/content_encoder.hpp>
#include <socketserver/http/exchange.hpp>
#include <socketserver/http/form.hpp>
#include <socketserver/http/multipart_reader.hpp>
#include <socketserver/http/proto/query.hpp>
#include <socketserver/http/proto/status.hpp>
#include <socketserver/server/stream_handler.hpp>

namespace socketserver {

namespace http {
class EncodedSink;
class Http1Connection;
}  // namespace http

/// Serves HTTP requests: derive from it and override `do_GET` and its like.
///
/// ```cpp
/// struct Hello : BaseHTTPRequestHandler {
///   void do_GET() override {
///     send_response(200);
///     send_header("Content-Type", "text/plain");
///     end_headers();
///     wfile() << "hello " << path() << '\n';
///   }
/// };
/// ```
/// One handler serves requests of a connection as long as they follow one another, see `kParks`.
/// The framing of messages is the library's: a response whose head names no Content-Length gets
/// one, or is sent in chunks; the head and a small body leave together when the method returns,
/// when 16 KiB have gathered, or when `wfile().flush()` asks for it.
///
/// Views that the accessors return live until the method that was called for the request returns.
/// Source: Python `http.server.BaseHTTPRequestHandler`.
class BaseHTTPRequestHandler : public StreamRequestHandler {
 public:
  static constexpr bool kServesDatagrams = false;  ///< HTTP needs a connection.
  /// What a client gets for whom there is no room: 503.
  static constexpr std::string_view kBusyAnswer = http::kBusyAnswer;

  /// In `serve_forever()` a connection that waits for its client holds no handler, and its next
  /// requests get a fresh one. A class that says false, or has a `timeout()`, keeps one, and the
  /// worker, for all of a connection.
  static constexpr bool kParks = true;

  /// What a function `void(BaseHTTPRequestHandler&)` becomes as a handler: it serves every method.
  template <class F>
  class FunctionHandler;

  BaseHTTPRequestHandler();
  ~BaseHTTPRequestHandler() override;

  /// Serves one request that came otherwise than on a connection: to a CGI program, or in a test.
  ///
  /// @param server  lends its options and its log, and need not run.
  void serve(http::Exchange& exchange, const Address& client_address, BaseServer& server);

  // The request

  /// The method as sent: "GET". Empty while a refused request line is being answered.
  std::string_view command() const;

  /// The target with its query, percent-encoded as sent; a leading run of '/' is reduced to one.
  /// Virtual for a handler that answers with another document of the server.
  virtual std::string_view path() const;

  /// The first line of the request as sent, without its line end; "" when it was too long.
  std::string_view requestline() const;

  /// "HTTP/1.1", as sent; "HTTP/0.9" for a request line without a version.
  std::string_view request_version() const;

  /// The header fields; look-ups ignore case.
  const http::Headers& headers() const;

  /// The body of the request, its transfer coding taken off. Ends where the body ends.
  /// Differs from Python: the rest of the connection is out of reach.
  Reader& rfile() override;

  /// The fields of the query string of `path()`, decoded; over a limit, 400 is thrown.
  const http::Parameters& query();
  http::Parameters query(http::QueryLimits limits) const;  ///< The same, with other limits.

  /// Reads the body as a form of either type that browsers send; small files are kept in memory,
  /// others on the disk. What it throws is answered unless the method catches it: 400, 413, 415;
  /// 507 when the disk is full.
  ///
  /// @throws as http::read_form.
  http::Form read_form(const http::FormLimits& limits = {});

  /// Reads the body as a `multipart/form-data`, part by part as they arrive; throws as that class.
  http::MultipartReader read_parts(const http::FormLimits& limits = {});

  /// The body of the response. What is written before `send_response` leaves as it is, and the
  /// connection closes after it.
  ///
  /// @throws std::logic_error between `send_response` and `end_headers`.
  Writer& wfile() override;

  /// Whether the connection closes after this request: as client and server want, unless set.
  bool close_connection() const noexcept { return close_connection_; }
  void close_connection(bool close) noexcept { close_connection_ = close; }

  // The response

  /// Logs the request, and begins a response with the status line, `Server` and `Date`.
  ///
  /// @param code  100 to 999; `message` is its phrase unless given. What a status line cannot hold
  ///              is replaced in the message.
  /// @throws std::invalid_argument for any other code; std::logic_error when a response to this
  ///         request was ended by `end_headers` already.
  virtual void send_response(int code, std::optional<std::string_view> message = std::nullopt);

  /// As `send_response`, without `Server`, `Date` and log.
  virtual void send_response_only(int code, std::optional<std::string_view> message = std::nullopt);

  /// Adds a field behind the others, also when there is one of that name. `Connection: close` and
  /// `Connection: keep-alive` also set `close_connection`.
  ///
  /// @throws std::invalid_argument for a name that is no token, or CR, LF or NUL in the value;
  ///         std::logic_error before `send_response`.
  virtual void send_header(std::string_view name, std::string_view value);

  /// Ends the head. It leaves with the first of the body, or when the method returns.
  ///
  /// A handler that sends a `Transfer-Encoding` writes that coding itself.
  ///
  /// @throws std::logic_error without a head to end, or when its Content-Length is no number.
  virtual void end_headers();

  /// Between `send_response` and `end_headers`: has the body encoded with that of `codings` which
  /// the client wants most, and says so in the head; whether it does. Texts shrink to a third.
  ///
  /// Left as they are: bodies below 1 KiB, as far as that is known, ranges, and what has a coding
  /// already. `Vary` says that there is a choice; an `ETag` becomes weak, and one of the coding.
  ///
  /// @throws std::invalid_argument for a coding that is not in `http::content_codings()`.
  bool encode_body(std::span<const std::string_view> codings = http::content_codings());

  /// Sends what is waiting, an ended head included, now. Does nothing before `end_headers`.
  virtual void flush_headers();

  /// Answers with an error page and closes the connection afterwards.
  ///
  /// @param message  the reason phrase, `explain` the longer text of the page; both default to
  ///                 those of `responses()`. They are escaped where they are put.
  /// @param extra  further header fields: `Allow`, `Retry-After`.
  virtual void send_error(int code, std::optional<std::string_view> message = std::nullopt,
                          std::optional<std::string_view> explain = std::nullopt,
                          const http::Headers& extra = {});

  // Whole answers. Each sends the head and the body, and nothing of the body to HEAD.

  /// Answers with a text.
  void send_text(int code, std::string_view text,
                 std::string_view content_type = "text/plain; charset=utf-8");
  void send_text(std::string_view text) { send_text(200, text); }

  /// Answers with JSON that is serialized already; `http::escape_json` helps with strings.
  void send_json(int code, std::string_view json) { send_text(code, json, "application/json"); }
  void send_json(std::string_view json) { send_json(200, json); }

  /// Answers with a regular file: whole, 304, 412, ranges; 404 when there is none.
  ///
  /// @param path  opened as it is: never made of what a client says; see http::DocumentRoot.
  /// @param content_type  guessed by the name when empty.
  /// @param fields  further ones for 200, 206 and 304, such as `Content-Disposition`.
  void send_file(const std::string& path, std::string_view content_type = {},
                 const http::Headers& fields = {});

  /// As above with an open file, borrowed; its position is neither used nor moved.
  ///
  /// @throws std::invalid_argument when it is no regular file.
  void send_file(int fd, std::string_view content_type, const http::Headers& fields = {});

  // Logging. All of it goes through `log_message` to the server's log sink.

  /// `"GET / HTTP/1.1" 200 -`, as the common log format has it, quotes as `%22`.
  virtual void log_request(std::optional<int> code = std::nullopt,
                           std::optional<std::uint64_t> size = std::nullopt);
  virtual void log_error(std::string_view message);

  /// Called once for every request of a connection that got a response, when that has been handed
  /// over or has failed: the place for a log with sizes and times. The request is still there; must
  /// not answer. Differs from Python: it has no such hook.
  virtual void log_answer(const http::AnswerSummary& answer);

  /// Logs `address - - [date] message`, control characters escaped. `message` is text, never a
  /// format. Differs from Python: there it is a format with its arguments.
  virtual void log_message(std::string_view message);

  // Texts

  /// "server_version sys_version", the `Server` header.
  virtual std::string version_string() const;

  /// The moment as HTTP writes it, `timestamp` in seconds since 1970; now unless given.
  std::string date_time_string(std::optional<std::int64_t> timestamp = std::nullopt) const;

  /// The local time as logs write it.
  std::string log_date_time_string() const;

  /// The client's IP address, or "unix:". Asks no resolver. Differs from Python: "" for Unix.
  virtual std::string address_string() const;

  /// Every status code that has a phrase.
  static std::span<const http::StatusText> responses() noexcept { return http::responses(); }

 protected:
  // Settings: Python's class attributes. The views that they return must outlive the request.
  // `timeout()`, where it gives one, replaces the times of `Limits`.

  /// The newest protocol that the server speaks. "HTTP/1.0" gives Python's default behaviour: every
  /// response ends with its connection, and nothing is added to what the handler sends.
  virtual std::string_view protocol_version() const { return "HTTP/1.1"; }
  virtual std::string_view server_version() const { return "BaseHTTP/0.6"; }
  virtual std::string_view sys_version() const { return "C++/20"; }

  /// The page of `send_error`; `%(code)d`, `%(message)s` and `%(explain)s` stand for its texts.
  virtual std::string_view error_message_format() const;
  virtual std::string_view error_content_type() const { return "text/html;charset=utf-8"; }

  bool disable_nagle_algorithm() const override { return true; }

  // One request

  /// Serves requests until the connection is to be closed.
  void handle() override;

  /// Waits for one request and serves it.
  virtual void handle_one_request();

  /// Called when the client waits for a go-ahead before it sends the body: answers 100 and returns
  /// true. An override may answer an error instead and return false; then no method is called.
  virtual bool handle_expect_100();

  /// Calls the method of `command`; false when there is none. Override it to add methods.
  virtual bool dispatch(std::string_view command);

  virtual void do_GET() { send_unsupported(); }      ///< Answers GET; 501 here.
  virtual void do_HEAD() { send_unsupported(); }     ///< Answers HEAD; 501 here.
  virtual void do_POST() { send_unsupported(); }     ///< Answers POST; 501 here.
  virtual void do_PUT() { send_unsupported(); }      ///< Answers PUT; 501 here.
  virtual void do_DELETE() { send_unsupported(); }   ///< Answers DELETE; 501 here.
  virtual void do_CONNECT() { send_unsupported(); }  ///< Answers CONNECT; 501 here.
  virtual void do_OPTIONS() { send_unsupported(); }  ///< Answers OPTIONS; 501 here.
  virtual void do_TRACE() { send_unsupported(); }    ///< Answers TRACE; 501 here.
  virtual void do_PATCH() { send_unsupported(); }    ///< Answers PATCH; 501 here.

  /// Gives up a response whose end will never come: what has not left is dropped, and the
  /// connection closes without the mark of an end, where the response's framing has one.
  void cut_response();

  /// Overrides of these two must call them.
  void setup() override;
  void finish() override;

 private:
  void begin_exchange();
  void answer_request();
  void serve_request();
  void answer_on_connection();
  void end_answer();
  void begin_plain_body();
  void begin_encoded_body(std::string_view coding);
  void end_body();
  void run_method();
  void refuse(int status, std::optional<std::string_view> message = std::nullopt,
              std::optional<std::string_view> explain = std::nullopt);
  void send_unsupported();

  struct GiveBack {  // to where it comes from, which only the source knows
    void operator()(http::Http1Connection* connection) const noexcept;
  };

  std::unique_ptr<http::Http1Connection, GiveBack> connection_;  // none: there is only an exchange
  http::Exchange* exchange_ = nullptr;
  std::optional<Reader> body_;  // once it was asked for, as `response_`: few requests need both
  std::optional<Writer> response_;
  std::unique_ptr<http::EncodedSink> encoding_;  // between `response_` and the connection
  bool head_open_ = false;                       // send_response was called, end_headers not yet
  bool close_connection_ = true;
  int status_ = 0;                         // of the response that was begun; none: 0
  std::optional<http::Parameters> query_;  // once it was asked for
  Deadline::Clock::time_point request_start_;
  bool lingers_ = false;  // the client may still be sending what nobody will read
};

}  // namespace socketserver

#include <socketserver/http/function_handler.hpp>
