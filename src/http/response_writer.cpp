#include "http/response_writer.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <socketserver/http/proto/chunked.hpp>

namespace socketserver::http {
namespace {

// A body that fits is sent with its length even when the handler gave none.
constexpr std::size_t kGatherBytes = std::size_t{16} * 1024;

/// RFC 9110 §6.4.1: responses that end with their head.
bool forbids_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

/// A Content-Length line, made without the heap.
class LengthLine {
 public:
  explicit LengthLine(std::uint64_t length) {
    char* const digits = text_.data() + kName.copy(text_.data(), kName.size());
    char* const end = std::to_chars(digits, text_.data() + text_.size() - 2, length).ptr;
    end[0] = '\r';
    end[1] = '\n';
    size_ = static_cast<std::size_t>(end + 2 - text_.data());
  }
  std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  static constexpr std::string_view kName = "Content-Length: ";
  std::array<char, 48> text_;
  std::size_t size_;
};

}  // namespace

void ResponseWriter::reset(const Rules& rules) {
  rules_ = rules;
  state_ = State::nothing;
  framing_ = BodyFraming::none;
  keeps_alive_ = rules.keep_alive;
  out_->mark();
  left_ = 0;
  body_bytes_ = 0;
  gathered_.clear();
}

void ResponseWriter::begin(ResponseHead&& head) {
  if (begun()) throw std::logic_error("a response to this request was begun already");
  names_connection_ = head.headers.contains("Connection");
  if (names_connection_) {
    if (head.headers.has_token("Connection", "keep-alive")) keeps_alive_ = true;
    if (head.headers.has_token("Connection", "close")) keeps_alive_ = false;
  }

  if (rules_.http09) {
    state_ = State::streaming;
    framing_ = BodyFraming::until_close;
    keeps_alive_ = false;
  } else if (head.status == 101) {
    // What follows is another protocol, and the handler's business.
    send_head(head, BodyFraming::by_handler, {});
    keeps_alive_ = false;
  } else if (forbids_body(head.status)) {
    if (head.status != 304) head.headers.remove("Content-Length");
    head.headers.remove("Transfer-Encoding");
    send_head(head, BodyFraming::none, {});
  } else if (head.status == 205) {
    // RFC 9110 §15.3.6: no content either, but an answer that has none must say so.
    head.headers.remove("Transfer-Encoding");
    head.headers.remove("Content-Length");
    keeps_alive_ = keeps_alive_ && rules_.adds_framing;
    send_head(head, BodyFraming::none,
              rules_.adds_framing ? LengthLine(0).view() : std::string_view());
  } else if (head.headers.contains("Transfer-Encoding")) {
    head.headers.remove("Content-Length");
    send_head(head, BodyFraming::by_handler, {});
  } else if (const auto length = head.headers.get("Content-Length")) {
    take_length_of_handler(*length);
    send_head(head, BodyFraming::length, {});
  } else if (!rules_.adds_framing) {
    keeps_alive_ = false;
    send_head(head, BodyFraming::until_close, {});
  } else {
    std::swap(head_, head);
    state_ = State::gathering;
  }
}

void ResponseWriter::interim(const ResponseHead& head) {
  if (rules_.http09) return;
  out_->append_all(rules_.protocol_version, " ", std::to_string(head.status), " ", head.reason,
                   "\r\n", head.headers.text(), "\r\n");
}

IoResult ResponseWriter::write_some(std::span<const std::string_view> parts,
                                    Deadline /*deadline*/) {
  std::size_t written = 0;
  for (const std::string_view part : parts) {
    if (const auto ec = write(part)) return {written, ec};
    written += part.size();
  }
  return {written, {}};
}

IoResult ResponseWriter::send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                                        Deadline deadline) {
  const bool plain = state_ == State::streaming && framing_ == BodyFraming::length &&
                     !rules_.head_request && count <= left_;
  if (!plain) return ByteSink::send_file_some(fd, offset, count, deadline);
  const IoResult result = out_->send_file_some(fd, offset, count);
  left_ -= result.n;
  body_bytes_ += result.n;
  return result;
}

std::error_code ResponseWriter::flush(Deadline /*deadline*/) {
  if (state_ == State::gathering) {
    if (const auto ec = stream_without_length()) return ec;
  }
  return out_->flush();
}

std::error_code ResponseWriter::end() {
  const State before = std::exchange(state_, State::ended);
  switch (before) {
    case State::nothing:
    case State::ended:
      return {};
    case State::gathering:
      // A handler of HEAD that wrote nothing has not said how long the body would be.
      if (rules_.head_request && gathered_.empty()) {
        send_head(head_, BodyFraming::none, {});
      } else {
        send_head(head_, BodyFraming::length, LengthLine(gathered_.size()).view());
        if (!rules_.head_request) return write_body(gathered_);
      }
      return {};
    case State::streaming:
      if (framing_ == BodyFraming::chunked && !rules_.head_request) out_->append(kLastChunk);
      if (framing_ == BodyFraming::length && left_ > 0 && !rules_.head_request)
        keeps_alive_ = false;
      return {};
  }
  return {};
}

bool ResponseWriter::is_short() const noexcept {
  return framing_ == BodyFraming::length && left_ > 0 && !rules_.head_request && !out_->failure();
}

void ResponseWriter::abandon() {
  state_ = State::ended;
  keeps_alive_ = false;
  gathered_.clear();
  out_->drop_behind_mark();
}

std::error_code ResponseWriter::write(std::string_view data) {
  if (data.empty()) return {};
  switch (state_) {
    case State::nothing:
      // A handler that writes its own status line, or none: all of it leaves as it is.
      state_ = State::streaming;
      framing_ = BodyFraming::until_close;
      rules_.head_request = false;
      keeps_alive_ = false;
      return write_body(data);
    case State::gathering:
      gathered_ += data;
      return gathered_.size() > kGatherBytes ? stream_without_length() : std::error_code();
    case State::streaming:
      return write_framed(data);
    case State::ended:
      break;
  }
  throw std::logic_error("write after the end of the response");
}

std::error_code ResponseWriter::write_framed(std::string_view data) {
  if (framing_ == BodyFraming::length) {
    if (data.size() > left_) {
      throw std::logic_error("the response's body is longer than its Content-Length");
    }
    left_ -= data.size();
  }
  if (framing_ == BodyFraming::none || rules_.head_request) return {};
  if (framing_ != BodyFraming::chunked) return write_body(data);
  out_->append(chunk_header(data.size()).view());
  if (const auto ec = write_body(data)) return ec;
  out_->append(kChunkEnd);
  return {};
}

std::error_code ResponseWriter::write_body(std::string_view data) {
  const auto ec = out_->write(data);
  if (!ec) body_bytes_ += data.size();
  return ec;
}

std::error_code ResponseWriter::stream_without_length() {
  if (rules_.chunks) {
    send_head(head_, BodyFraming::chunked, "Transfer-Encoding: chunked\r\n");
  } else {
    keeps_alive_ = false;
    send_head(head_, BodyFraming::until_close, {});
  }
  const std::string body = std::exchange(gathered_, {});
  return body.empty() ? std::error_code() : write_framed(body);
}

void ResponseWriter::send_head(const ResponseHead& head, BodyFraming framing,
                               std::string_view length_line) {
  framing_ = framing;
  if (state_ != State::ended) state_ = State::streaming;
  std::array<char, 16> code;
  const auto digits = std::to_chars(code.data(), code.data() + code.size(), head.status);
  out_->append_all(rules_.protocol_version, " ", std::string_view(code.data(), digits.ptr), " ",
                   head.reason, "\r\n", head.headers.text(), length_line, connection_line(),
                   "\r\n");
}

std::string_view ResponseWriter::connection_line() const noexcept {
  if (!rules_.adds_framing || names_connection_) return {};
  if (!keeps_alive_) return "Connection: close\r\n";
  return rules_.client_is_http10 ? "Connection: keep-alive\r\n" : "";
}

void ResponseWriter::take_length_of_handler(std::string_view text) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), left_);
  if (ec != std::errc{} || end != text.data() + text.size()) {
    throw std::logic_error("the response's Content-Length is no number: " + std::string(text));
  }
}

}  // namespace socketserver::http
