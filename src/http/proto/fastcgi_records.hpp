#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace socketserver::http {

// FastCGI 1.0 in the role of the web server: one request, with the number 1, on each connection,
// for an application that answers it (a "responder").
// Source: FastCGI Specification 1.0, sections 3, 5 and 8.

/// The beginning of a request: its BEGIN_REQUEST and all its PARAMS. The application is to close
/// the connection when it has answered.
[[nodiscard]] std::string fastcgi_request(const std::map<std::string, std::string>& variables);

/// Adds some of the request's body to `wire`, as STDIN records.
void append_fastcgi_input(std::string& wire, std::string_view body);

/// Adds the empty STDIN record that ends every request's body, also that of one which has none.
void append_fastcgi_input_end(std::string& wire);

/// Reads what an application answers, from bytes in memory, and believes none of it: whatever is
/// not a record of this request and of the kinds that an answer has ends the reading.
///
/// Holds no content: pieces are shown where they are, however long the record is that they are of.
///
/// For the caller: call `next` until it returns `need_more`, `end` or `failed`; after `need_more`
/// go on with the bytes that came later.
/// Thread safety: one thread at a time.
class FastCGIReader {
 public:
  /// What comes next.
  enum class Part {
    need_more,  ///< All bytes are taken, the request has not ended.
    output,     ///< Some of the STDOUT stream: `content()`.
    errors,     ///< Some of the STDERR stream: `content()`.
    end,        ///< The END_REQUEST record: there is nothing more to come.
    failed,     ///< This is no answer to this request: `error()`.
  };

  /// The protocolStatus of an END_REQUEST record.
  enum class Status : std::uint8_t { complete, cannot_multiplex, overloaded, unknown_role };

  /// Reads on, and takes from the front of `bytes` what was read.
  Part next(std::string_view& bytes);

  /// What the last `next` has shown, never empty: part of its `bytes`.
  [[nodiscard]] std::string_view content() const noexcept { return content_; }

  /// How the request has ended; valid after `end`.
  [[nodiscard]] Status status() const noexcept { return status_; }

  /// What the application gives as its exit status, 0 if all was well; valid after `end`.
  [[nodiscard]] std::uint32_t application_status() const noexcept { return application_status_; }

  /// What is wrong, in words for a log: "a record of another request".
  [[nodiscard]] std::string_view error() const noexcept { return error_; }

 private:
  static constexpr std::size_t kHeaderSize = 8;

  bool gather(std::string_view& bytes);
  void take_header();
  void take_stream_header(bool& ended);
  void take_end();

  std::array<std::uint8_t, kHeaderSize> gathered_{};  // of a header, or of an END_REQUEST's content
  std::size_t gathered_size_ = 0;
  std::uint8_t type_ = 0;         // of the record at hand; 0: between two
  std::size_t content_left_ = 0;  // of the record at hand
  std::size_t padding_left_ = 0;
  bool output_ended_ = false;
  bool errors_ended_ = false;
  bool ended_ = false;
  std::string_view content_;
  Status status_ = Status::complete;
  std::uint32_t application_status_ = 0;
  std::string_view error_;
};

}  // namespace socketserver::http
