#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/document_root.hpp>

#include "http/store_directory.hpp"

namespace socketserver::http {

/// A file that is being written and has no name yet that anybody looks for: it gets one, whole, or
/// is gone with this object.
///
/// Where the file system can, it has no name at all, so that nothing stays when the machine stops;
/// elsewhere a hidden one that StoreDirectory::is_leftover knows.
///
/// Errors of the file system are values.
/// Lifetime: borrows the directory.
class NewFile {
 public:
  /// @param mode  as chmod(2) takes it; absent: what the umask leaves of 0666.
  /// @param ec  why there is none.
  static std::optional<NewFile> create(const StoreDirectory& directory,
                                       std::optional<unsigned> mode, std::error_code& ec);

  /// Goes on with what was kept of `name`, unless that is older than `lifetime` seconds; locked, so
  /// that only one writes to it. Nothing and no `ec`: there is none; `device_or_resource_busy`:
  /// somebody else has it.
  static std::optional<NewFile> resume(const StoreDirectory& directory, const std::string& name,
                                       std::int64_t lifetime, std::error_code& ec);

  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  /// Bytes so far.
  std::uint64_t size() const noexcept { return size_; }

  /// Adds all of `data`.
  std::error_code write(std::string_view data);

  /// Drops what is behind the first `size` bytes.
  std::error_code cut(std::uint64_t size);

  /// Returns when the content is on the disk. Blocks no loop of fibers.
  std::error_code sync();

  /// Gives it a name that nothing has: `file_exists` otherwise.
  std::error_code put(const std::string& name);

  /// Gives it a name in place of what had it; at every moment the name is there.
  std::error_code replace(const std::string& name);

  /// Keeps it for `resume`, what is still to be written too, in place of what was kept before.
  std::error_code keep(const std::string& name);

  /// Whether its name still stands for this file, and not for another one or for none.
  bool has_its_name() const;

  /// Gives up what was kept.
  void drop() noexcept { kept_ = false; }

  /// What it is, open once more.
  OpenedPath describe() const;

 private:
  NewFile(const StoreDirectory& directory, UniqueFd file, std::string name) noexcept
      : directory_(&directory), file_(std::move(file)), name_(std::move(name)) {}

  std::error_code link_as(const std::string& name) const;
  std::error_code move_to(const std::string& name);

  const StoreDirectory* directory_;
  UniqueFd file_;
  std::string name_;   // the one that it has for now; empty: none
  bool kept_ = false;  // that name stays
  std::uint64_t size_ = 0;
};

}  // namespace socketserver::http
