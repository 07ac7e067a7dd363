#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace socketserver::http {

/// Encodes a stream of bytes with a content coding (RFC 9110 §8.4.1), piece by piece, in bounded
/// memory: some 300 KiB for gzip, 1 to 2 MiB for the others, however long the stream is.
///
/// Thread safety: none needed; an object serves one stream.
class ContentEncoder {
 public:
  /// What becomes of the bytes that the encoder holds back to find more to say in fewer.
  enum class Then {
    wait,    ///< They stay until there are more.
    flush,   ///< They go out: what was encoded so far can be decoded. Costs compression.
    finish,  ///< They go out, and the stream ends.
  };

  virtual ~ContentEncoder() = default;

  /// Encodes `data` and adds what is ready to `out`.
  virtual void encode(std::string_view data, Then then, std::string& out) = 0;

 protected:
  ContentEncoder() = default;
  ContentEncoder(const ContentEncoder&) = default;
  ContentEncoder& operator=(const ContentEncoder&) = default;
};

/// The codings that there are, by their names in `Accept-Encoding`, best first: "br", "zstd",
/// "gzip".
std::span<const std::string_view> content_codings() noexcept;

/// An encoder with settings for answers made on the fly: quick before small.
///
/// @throws std::invalid_argument for a coding that is not in `content_codings()`.
std::unique_ptr<ContentEncoder> make_content_encoder(std::string_view coding);

}  // namespace socketserver::http
