#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
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

  /// Says to the handler what clients may do, and lets bodies be as large as uploads may be,
  /// unless `limits` say already how large.
  ///
  /// @throws CLI::ParseError for arguments that make no sense.
  void apply(FileHandlerOptions& options, Limits& limits) const;

 private:
  // As given.
  std::string upload_;  // "true": the whole directory
  std::uint64_t upload_max_ = 0;
  std::string on_duplicate_ = "error";
  bool mkdir_ = false;
  bool delete_ = false;
  std::string chmod_;
  std::vector<std::string> archives_;
  std::vector<std::string> hosts_;
};

}  // namespace socketserver::tool
