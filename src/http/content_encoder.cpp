#include <socketserver/http/content_encoder.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "http/encoders.hpp"

namespace socketserver::http {
namespace {

constexpr std::array<std::string_view, 3> kCodings = {"br", "zstd", "gzip"};
constexpr std::array kMakers = {make_brotli_encoder, make_zstd_encoder, make_gzip_encoder};

}  // namespace

std::span<const std::string_view> content_codings() noexcept {
  return kCodings;
}

std::unique_ptr<ContentEncoder> make_content_encoder(std::string_view coding) {
  const auto* const found = std::ranges::find(kCodings, coding);
  if (found == kCodings.end()) {
    throw std::invalid_argument("no encoder for the content coding " + std::string(coding));
  }
  return kMakers.at(static_cast<std::size_t>(found - kCodings.begin()))();
}

}  // namespace socketserver::http
