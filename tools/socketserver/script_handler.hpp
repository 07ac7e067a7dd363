#pragma once

#include <optional>
#include <span>
#include <string>

#include "file_handler.hpp"

namespace socketserver::tool {

/// Serves files, and runs scripts, to who may have them.
class ScriptHandler : public FileHandler<CGIHTTPRequestHandler> {
 public:
  using FileHandler::FileHandler;

 protected:
  std::optional<http::OpenedPath> send_head() override;

  /// Where there are accounts, a script learns of a user who has proved to be that one.
  bool names_user() const override;
  std::string script_name_of(std::span<const std::string> words) const override;
};

}  // namespace socketserver::tool
