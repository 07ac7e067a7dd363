#pragma once

#include <optional>
#include <string>

#include <socketserver/http/file_store_handler.hpp>
#include <socketserver/http/proto/target.hpp>

#include "http/store_directory.hpp"

namespace socketserver {

/// What a request wants to change, as far as it has been admitted.
struct FileStoreHTTPRequestHandler::Target {
  http::TargetPath place;
  std::optional<http::StoreDirectory> parent;  ///< Nothing: is still to be made.

  const std::string& name() const { return place.words.back(); }
  http::StoreDirectory::Kind find() const {
    return parent ? parent->find(name()) : http::StoreDirectory::Kind::absent;
  }
};

/// What became of an upload.
struct FileStoreHTTPRequestHandler::Stored {
  std::string name;
  bool replaced = false;
};

}  // namespace socketserver
