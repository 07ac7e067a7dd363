#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <socketserver/http/proto/request_parser.hpp>
#include <string_view>

namespace socketserver::http {

/// What the fields of a head say about where its body ends (RFC 9112 §6), requests and responses
/// alike. Note every field, then ask for the fault.
class FramingFields {
 public:
  /// Takes note of a field; true when it was one of those that count here.
  bool note(std::string_view name, std::string_view value);

  /// RFC 9112 §6.3, strictly: whatever two readers could understand differently is refused.
  ///
  /// @param at_least_11  the message is HTTP/1.1 or newer.
  [[nodiscard]] Fault fault(bool at_least_11) const noexcept;

  // Meaningful without a fault.
  [[nodiscard]] bool chunked() const noexcept { return chunked_; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept {
    return content_length_;
  }

 private:
  void note_content_length(std::string_view list);

  std::optional<std::uint64_t> content_length_;
  Fault length_fault_ = Fault::none;
  std::size_t transfer_encodings_ = 0;
  bool chunked_ = false;
};

}  // namespace socketserver::http
