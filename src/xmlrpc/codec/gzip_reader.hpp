#pragma once

#include <zlib.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// Content that any gzip data may come to, however small it is.
inline constexpr std::size_t kFreeExpansion = std::size_t{64} * 1024;

/// How many times its size gzip data may come to beyond that, unless somebody says otherwise.
inline constexpr std::size_t kUsualExpansion = 50;

/// What gzip data of that size may come to. @param times  0: any size.
std::size_t most_content(std::size_t compressed, std::size_t times) noexcept;

/// Decompresses gzip data that comes in pieces, a piece at a time.
///
/// At every moment no more was decompressed than what has come allows: where that is used up, more
/// data is waited for. So a bomb costs its sender as much as its receiver, and how the data is cut
/// decides nothing.
/// Thread safety: none. Lifetime: keeps the source.
class GzipReader {
 public:
  /// @param source  the next piece of the data, valid until it is called again; empty at the end.
  /// @param max_bytes  of the content.
  /// @param times  of the data's size that the content may be, see most_content().
  GzipReader(std::function<std::string_view()> source, std::size_t max_bytes, std::size_t times);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// The next piece of the content, valid until the next call; empty at its end, or when the data
  /// is refused: see error().
  std::string_view next();

  [[nodiscard]] std::optional<GzipError> error() const noexcept { return error_; }

 private:
  bool fetch();
  int inflate_some();
  std::string_view finish(std::string_view last);
  std::string_view refuse(GzipError error);

  const std::function<std::string_view()> source_;
  const std::size_t max_bytes_;
  const std::size_t times_;
  z_stream stream_{};
  std::string buffer_;
  std::string held_;          // data that had to wait for more
  std::string_view pending_;  // data that is left, in held_ or the source's piece
  std::size_t received_ = 0;
  std::size_t written_ = 0;
  bool ended_ = false;     // the source
  bool finished_ = false;  // the content
  std::optional<GzipError> error_;
};

}  // namespace socketserver::xmlrpc
