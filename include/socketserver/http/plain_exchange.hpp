#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <socketserver/http/exchange.hpp>

namespace socketserver::http {

/// An exchange whose carrier frames messages itself, and wants no more than a head and bytes.
///
/// For overriding: the three private functions. It counts what is announced, and keeps bodies from
/// responses that must not have one.
/// Thread safety and lifetime: as Exchange.
class PlainExchange : public Exchange, private ByteSource, private ByteSink {
 public:
  const RequestHead& request() const noexcept override { return request_; }
  ByteSource& request_body() noexcept override { return *this; }

  /// Dropped: carriers like these have no place for interim responses.
  void send_interim(const ResponseHead& /*head*/) override {}
  void begin_response(ResponseHead&& head) override;
  bool response_begun() const noexcept override { return begun_; }
  ByteSink& response_body() noexcept override { return *this; }
  void end_response() override;

 protected:
  /// @param request  whole: a body ends where `read_body` says.
  explicit PlainExchange(RequestHead request);

  /// The head of the answer; valid once it began.
  const ResponseHead& head() const noexcept { return head_; }

 private:
  /// As ByteSource::read_some, and may block.
  virtual IoResult read_body(std::span<char> into) = 0;

  /// Sends the head, and bytes of the body.
  ///
  /// @throws OSError when they cannot be sent.
  virtual void send_head(const ResponseHead& head) = 0;
  virtual void send(std::string_view bytes) = 0;

  IoResult read_some(std::span<char> into, Deadline deadline) override;
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;

  RequestHead request_;
  ResponseHead head_{.status = 0, .reason = {}, .headers = {}};
  bool begun_ = false;
  bool ended_ = false;
  bool has_body_ = true;
  std::optional<std::uint64_t> left_;  // of the announced length
};

}  // namespace socketserver::http
