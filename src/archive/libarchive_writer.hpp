#pragma once

#include <memory>

#include <socketserver/http/archive_format.hpp>

namespace socketserver::archive {

enum class Packing { tar, tar_gzip, zip };

/// A writer on libarchive. Members throw OSError when it fails: out of memory.
std::unique_ptr<http::ArchiveWriter> make_libarchive_writer(Packing packing);

}  // namespace socketserver::archive
