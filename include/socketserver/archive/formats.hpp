#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <socketserver/http/archive_format.hpp>

namespace socketserver::archive {

/// The names of the formats that there are: "tar", "tgz", "zip".
std::span<const std::string_view> format_names() noexcept;

/// The format of this name, for SimpleHTTPOptions::archives.
///
/// ```cpp
/// handler<SimpleHTTPRequestHandler>(
///     {.directory = "/srv", .archives = {archive::format("zip"), archive::format("tgz")}})
/// ```
/// Names that are not ASCII are bytes in a tar file; in a zip file they are marked as UTF-8 where
/// they are.
///
/// @throws std::invalid_argument for any other name.
http::ArchiveFormat format(std::string_view name);

}  // namespace socketserver::archive
