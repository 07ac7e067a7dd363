#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <socketserver/base/limits.hpp>
#include <socketserver/http/exchange.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/net/stream.hpp>
#include <socketserver/server/request.hpp>

#include "http/output_buffer.hpp"
#include "http/request_body.hpp"
#include "http/response_writer.hpp"

namespace socketserver::http {

/// The server's side of an HTTP/0.9, 1.0 or 1.1 connection: one exchange after the other.
///
/// For the caller, in this order for every request: `next`, then the Exchange, then `finish`.
class Http1Connection final : public Exchange {
 public:
  /// What `next` came to.
  enum class Next {
    request,       ///< There is a request.
    parked,        ///< Nothing has come yet, and the connection waits for it without a worker.
    closed,        ///< The client is gone, or the server is stopping: nothing to do.
    idle_timeout,  ///< The client asked for nothing in time.
    timeout,       ///< The client began a request and did not finish its head in time.
    refused,       ///< The head was refused: answer `error()`.
  };

  /// Gives it to the next connection of this thread, with the memory that it has gathered.
  struct GiveBack {
    void operator()(Http1Connection* connection) const noexcept;
  };
  using Handle = std::unique_ptr<Http1Connection, GiveBack>;

  /// @param in  of the connection, borrowed; so are `request` and `limits`.
  /// @param timeout  the handler's own timeout; where present, it replaces those of `limits`.
  static Handle take(Reader& in, Request& request, const Limits& limits,
                     std::optional<Duration> timeout);

  /// On a stream that no server has accepted: it never parks.
  static Handle take(Reader& in, Stream& stream, const Limits& limits,
                     std::optional<Duration> timeout);

  Http1Connection(const Http1Connection&) = delete;
  Http1Connection& operator=(const Http1Connection&) = delete;
  ~Http1Connection() override = default;

  /// Waits for the head of the next request; answers so far leave before it waits. Asks for parking
  /// when nothing of it has come.
  Next next();

  /// Sets what the response to the current request may do. Call before it is begun.
  ///
  /// @param protocol_version  the server's: "HTTP/1.1" or "HTTP/1.0"; borrowed until `finish`.
  /// @param stopping  the server wants no further request on this connection.
  void set_rules(std::string_view protocol_version, bool stopping);

  /// Whether the connection may go on after the response.
  bool keeps_alive() const noexcept { return response_.keeps_alive(); }

  /// The response is the last one, unless its own head says otherwise. Call before it is begun.
  void close_after_response() noexcept { response_.close_afterwards(); }

  /// Ends the current exchange; true when the connection can carry another one.
  ///
  /// @param unread  how much was taken from the body, but left unread by the handler.
  ///
  /// @throws OSError when the client is gone.
  bool finish(std::size_t unread);

  /// Forgets the current response as far as it has not left; the connection cannot go on.
  void abandon() { response_.abandon(); }

  /// Sends what is waiting; a client that is gone by now is no error.
  void flush() noexcept;

  /// Before closing with input unread: tells the client that nothing more comes, then drops what it
  /// still sends, within the limits, so that it reads the answer instead of a reset.
  void linger();

  /// The bytes of the current response's body that were sent so far.
  std::uint64_t body_bytes() const noexcept { return response_.body_bytes(); }

  /// See ResponseWriter::is_short.
  bool response_is_short() const noexcept { return response_.is_short(); }

  /// What was wrong with a refused head.
  const ParseError& error() const noexcept { return parser_.error(); }

  /// What made reading the body fail; see RequestBody.
  int body_failure_status() const noexcept { return body_.failure_status(); }

  /// Whether the client sent no body or took no answer for too long.
  bool client_timed_out() const noexcept {
    return body_.failure_status() == 408 || out_.failure() == std::errc::timed_out;
  }

  /// Whether the client has sent, or may still be sending, what nobody read.
  bool input_is_unread() const noexcept { return !body_.at_end() || !in_->buffered().empty(); }

  /// Whether the announced length of the body is over the limit.
  bool body_too_large() const noexcept;

  // Exchange

  const RequestHead& request() const noexcept override { return parser_.head(); }
  ByteSource& request_body() noexcept override { return body_; }
  void send_interim(const ResponseHead& head) override;
  void begin_response(ResponseHead&& head) override { response_.begin(std::move(head)); }
  bool response_begun() const noexcept override { return response_.begun(); }
  ByteSink& response_body() noexcept override { return response_; }
  void end_response() override;

 private:
  Http1Connection() = default;

  static Handle take_spare();
  void attach(Reader& in, Stream& stream, const Limits& limits, std::optional<Duration> timeout);
  bool can_park() const noexcept { return request_ != nullptr && request_->can_park(); }
  Deadline idle_deadline() const;
  void begin_message();
  void park(Deadline deadline);
  bool let_others_run();
  std::size_t capacity() const noexcept;

  Reader* in_ = nullptr;
  Stream* stream_ = nullptr;
  Request* request_ = nullptr;  // null: there is none to park
  const Limits* limits_ = nullptr;
  std::optional<Duration> timeout_;
  OutputBuffer out_;
  RequestParser parser_;
  RequestBody body_;
  ResponseWriter response_{out_};
  std::size_t requests_ = 0;
  std::optional<Deadline> begun_until_;  // of what had come before it parked
  bool begun_ = false;                   // and that was more than empty lines
  unsigned in_a_row_ = 0;                // requests since it let others run
  Duration turn_began_{};
};

}  // namespace socketserver::http
