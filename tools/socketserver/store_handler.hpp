#pragma once

#include <span>
#include <string>

#include "file_handler.hpp"

namespace socketserver::tool {

/// Serves files to who may have them, and takes some from who may change them.
class StoreHandler : public FileHandler<FileStoreHTTPRequestHandler> {
 public:
  using FileHandler::FileHandler;

 protected:
  bool may_write_to(const http::TargetPath& place) override;
  bool offers_changes(const http::TargetPath& place) const override;
  std::string location_of(std::span<const std::string> words) const override;
};

}  // namespace socketserver::tool
