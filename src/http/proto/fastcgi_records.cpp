#include "http/proto/fastcgi_records.hpp"

#include <algorithm>
#include <limits>

namespace socketserver::http {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint16_t kRequest = 1;
constexpr std::size_t kMostContent = std::numeric_limits<std::uint16_t>::max();

enum Type : std::uint8_t {
  none = 0,
  begin_request = 1,
  end_request = 3,
  params = 4,
  standard_input = 5,
  standard_output = 6,
  standard_error = 7,
};

void append_byte(std::string& wire, std::size_t byte) {
  wire += static_cast<char>(byte & 0xffU);
}

void append_header(std::string& wire, Type type, std::size_t content_size) {
  append_byte(wire, kVersion);
  append_byte(wire, type);
  append_byte(wire, kRequest >> 8U);
  append_byte(wire, kRequest);
  append_byte(wire, content_size >> 8U);
  append_byte(wire, content_size);
  wire.append(2, '\0');  // no padding; reserved
}

/// Content of any length as records, but none when there is none: that would end the stream.
void append_stream(std::string& wire, Type type, std::string_view content) {
  while (!content.empty()) {
    const std::string_view piece = content.substr(0, kMostContent);
    append_header(wire, type, piece.size());
    wire += piece;
    content.remove_prefix(piece.size());
  }
}

/// Section 3.4: one byte when that is enough, else four of which the first has its top bit set.
void append_size(std::string& pairs, std::size_t size) {
  constexpr std::size_t kShort = 0x80;
  if (size >= kShort) {
    append_byte(pairs, size >> 24U | kShort);
    append_byte(pairs, size >> 16U);
    append_byte(pairs, size >> 8U);
  }
  append_byte(pairs, size);
}

}  // namespace

std::string fastcgi_request(const std::map<std::string, std::string>& variables) {
  constexpr std::string_view kResponderThatCloses("\0\1\0\0\0\0\0\0", 8);
  std::string pairs;
  for (const auto& [name, value] : variables) {
    append_size(pairs, name.size());
    append_size(pairs, value.size());
    pairs.append(name).append(value);
  }
  std::string wire;
  append_stream(wire, Type::begin_request, kResponderThatCloses);
  append_stream(wire, Type::params, pairs);
  append_header(wire, Type::params, 0);
  return wire;
}

void append_fastcgi_input(std::string& wire, std::string_view body) {
  append_stream(wire, Type::standard_input, body);
}

void append_fastcgi_input_end(std::string& wire) {
  append_header(wire, Type::standard_input, 0);
}

FastCGIReader::Part FastCGIReader::next(std::string_view& bytes) {
  while (error_.empty() && !ended_) {
    if (type_ == Type::none) {
      if (!gather(bytes)) return Part::need_more;
      take_header();
    } else if (type_ == Type::end_request) {
      if (!gather(bytes)) return Part::need_more;
      take_end();
    } else if (content_left_ > 0) {
      if (bytes.empty()) return Part::need_more;
      content_ = bytes.substr(0, content_left_);
      bytes.remove_prefix(content_.size());
      content_left_ -= content_.size();
      return type_ == Type::standard_output ? Part::output : Part::errors;
    } else {
      const std::size_t skipped = std::min(padding_left_, bytes.size());
      bytes.remove_prefix(skipped);
      padding_left_ -= skipped;
      if (padding_left_ > 0) return Part::need_more;
      type_ = Type::none;
    }
  }
  return ended_ ? Part::end : Part::failed;
}

/// Takes the bytes that a header has, or that the content of an END_REQUEST has, which are as many;
/// whether all are there.
bool FastCGIReader::gather(std::string_view& bytes) {
  for (; gathered_size_ < gathered_.size() && !bytes.empty(); bytes.remove_prefix(1)) {
    gathered_[gathered_size_++] = static_cast<std::uint8_t>(bytes.front());
  }
  if (gathered_size_ < gathered_.size()) return false;
  gathered_size_ = 0;
  return true;
}

void FastCGIReader::take_header() {
  const auto& header = gathered_;
  type_ = header[1];
  content_left_ = static_cast<std::size_t>(header[4] << 8 | header[5]);
  padding_left_ = header[6];
  if (header[0] != kVersion) {
    error_ = "a record of another version";
  } else if ((header[2] << 8 | header[3]) != kRequest) {
    error_ = "a record of another request";
  } else if (type_ == Type::standard_output) {
    take_stream_header(output_ended_);
  } else if (type_ == Type::standard_error) {
    take_stream_header(errors_ended_);
  } else if (type_ != Type::end_request) {
    error_ = "a record of a type that no answer has";
  } else if (content_left_ != gathered_.size()) {
    error_ = "an end of another length";
  }
}

/// An empty record ends a stream.
void FastCGIReader::take_stream_header(bool& ended) {
  if (content_left_ > 0 && ended) error_ = "a stream that goes on behind its end";
  ended = content_left_ == 0;
}

void FastCGIReader::take_end() {
  const auto& content = gathered_;
  if (content[4] > static_cast<std::uint8_t>(Status::unknown_role)) {
    error_ = "an end of an unknown kind";
    return;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    application_status_ = application_status_ << 8U | content[i];
  }
  status_ = static_cast<Status>(content[4]);
  ended_ = true;
}

}  // namespace socketserver::http
