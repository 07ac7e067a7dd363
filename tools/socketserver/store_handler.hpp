#pragma once

#include <optional>
#include <span>
#include <string>

#include "counted_streams.hpp"
#include "file_handler.hpp"

namespace socketserver::tool {

/// Serves files to who may have them, and takes some from who may change them.
class StoreHandler : public FileHandler<FileStoreHTTPRequestHandler> {
 public:
  using FileHandler::FileHandler;

  Reader& rfile() override;

 protected:
  void handle_one_request() override;
  bool may_write_to(const http::TargetPath& place) override;
  bool offers_changes(const http::TargetPath& place) const override;
  std::string location_of(std::span<const std::string> words) const override;

 private:
  std::optional<CountedReader> counted_;  // of the current request; there is somebody to tell of it
};

}  // namespace socketserver::tool
