#pragma once

#include <memory>

#include <socketserver/http/content_encoder.hpp>

// One function for each library, so that no file knows two of them.
namespace socketserver::http {

std::unique_ptr<ContentEncoder> make_gzip_encoder();
std::unique_ptr<ContentEncoder> make_brotli_encoder();
std::unique_ptr<ContentEncoder> make_zstd_encoder();

/// How much output the encoders make room for at a time.
inline constexpr std::size_t kEncoderBlock = std::size_t{16} * 1024;

}  // namespace socketserver::http
