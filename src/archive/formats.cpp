#include <socketserver/archive/formats.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "archive/libarchive_writer.hpp"

namespace socketserver::archive {
namespace {

struct Known {
  std::string_view name;
  std::string_view media_type;
  std::string_view suffix;
  Packing packing;
};

constexpr std::array<Known, 3> kFormats = {{
    {"tar", "application/x-tar", ".tar", Packing::tar},
    {"tgz", "application/gzip", ".tar.gz", Packing::tar_gzip},
    {"zip", "application/zip", ".zip", Packing::zip},
}};

constexpr std::array<std::string_view, kFormats.size()> kNames = {
    kFormats[0].name, kFormats[1].name, kFormats[2].name};

}  // namespace

std::span<const std::string_view> format_names() noexcept {
  return kNames;
}

http::ArchiveFormat format(std::string_view name) {
  const auto* known = std::ranges::find(kFormats, name, &Known::name);
  if (known == kFormats.end()) {
    throw std::invalid_argument("no archive format is called '" + std::string(name) + '\'');
  }
  return {.name = std::string(known->name),
          .media_type = std::string(known->media_type),
          .suffix = std::string(known->suffix),
          .make_writer = [packing = known->packing] { return make_libarchive_writer(packing); }};
}

}  // namespace socketserver::archive
