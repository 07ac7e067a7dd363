#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <socketserver/http/content_encoder.hpp>
#include <socketserver/net/stream.hpp>

namespace socketserver::http {

/// Encodes what is written to it and hands it on.
class EncodedSink final : public ByteSink {
 public:
  /// @param sink  borrowed; takes all that it is given.
  /// @param coding  one of `content_codings()`.
  EncodedSink(ByteSink& sink, std::string_view coding)
      : sink_(&sink), encoder_(make_content_encoder(coding)) {}

  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  std::error_code flush(Deadline deadline) override;
  int fileno() const noexcept override { return sink_->fileno(); }

  /// Ends the stream.
  std::error_code finish();

  /// Whether nothing was written.
  bool empty() const noexcept { return empty_; }

 private:
  std::error_code encode(std::string_view data, ContentEncoder::Then then);

  ByteSink* sink_;
  std::unique_ptr<ContentEncoder> encoder_;
  std::string encoded_;
  bool empty_ = true;
};

}  // namespace socketserver::http
