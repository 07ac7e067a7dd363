#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include <socketserver/base/limits.hpp>
#include <socketserver/http/file_store_handler.hpp>

#include "file_handler.hpp"

namespace socketserver::tool {

/// What clients of `socketserver http` may do besides reading files: upload, make directories,
/// remove, fetch whole directories.
class ReceiveOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit ReceiveOptions(CLI::App& command);

  ReceiveOptions(const ReceiveOptions&) = delete;
  ReceiveOptions& operator=(const ReceiveOptions&) = delete;

  /// Whether clients may change anything: then only this machine should be served, unless the user
  /// has said who else.
  bool allows_changes() const noexcept { return !upload_.empty() || mkdir_ || delete_; }

  /// Says to the handler what clients may do, and lets bodies be as large as uploads may be.
  ///
  /// @param max_body_given  whether the user has said how large bodies may be, as `limits` has it:
  ///                        then uploads are bodies like any other.
  /// @throws CLI::ParseError for arguments that make no sense; OSError when there is no such
  ///         directory.
  void apply(FileHandlerOptions& options, Limits& limits, bool max_body_given) const;

 private:
  void require_use(const FileHandlerOptions& options) const;
  void apply_size(FileHandlerOptions& options, Limits& limits, bool max_body_given) const;

  // As given.
  std::string upload_;  // "true": the whole directory
  std::string upload_max_;
  std::string on_duplicate_;
  bool mkdir_ = false;
  bool delete_ = false;
  std::string chmod_;
  std::vector<std::string> archives_;
  std::vector<std::string> hosts_;
};

}  // namespace socketserver::tool
