#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::http {

/// What a system call has come to that returned `status`: 0, or −1 with the reason in `errno`.
std::error_code result_of(int status) noexcept;

/// An open directory in which names are made, replaced and removed.
///
/// Every member takes one name, never a path, and follows no link: whatever happens to the path
/// that once led here, nothing outside of this directory can change. Errors are values.
class StoreDirectory {
 public:
  /// What a name stands for; a link for itself.
  enum class Kind { absent, file, directory, link, other };

  /// Holds the lock of a directory for a scope.
  class Lock {
   public:
    explicit Lock(int directory);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

    /// Whether it was to be had. False: somebody has kept it for too long.
    explicit operator bool() const noexcept { return held_; }

   private:
    int directory_;
    bool held_ = false;
  };

  /// @param directory  of DocumentRoot::open_inside.
  explicit StoreDirectory(UniqueFd directory) noexcept : directory_(std::move(directory)) {}

  int fd() const noexcept { return directory_.get(); }

  /// Keeps others, in any process, who look first and change then, from doing so at the same time.
  /// For changes that take no longer than a system call or two, and never for an answer: its client
  /// may take long to read it, and all the others would wait for that. Waits as the engine does.
  [[nodiscard]] Lock lock() const { return Lock(fd()); }

  Kind find(const std::string& name) const noexcept;

  /// Bytes that the file system has for us; nothing when it does not tell.
  std::optional<std::uint64_t> free_bytes() const noexcept;

  std::error_code make_directory(const std::string& name) const noexcept;

  /// Removes a file or a link, or an empty directory: `directory_not_empty` otherwise.
  std::error_code remove(const std::string& name) const;

  /// Removes a directory with all that is in it. Removes nothing when that is more than `limit`
  /// names, `value_too_large`, or one of which `stays` is true, `operation_not_permitted`.
  std::error_code remove_tree(const std::string& name, std::size_t limit,
                              const std::function<bool(const std::string&)>& stays) const;

  /// Returns when its names are on the disk. Blocks no loop of fibers.
  std::error_code sync() const;

  /// Removes what `is_leftover` says of files whose last change is `age` seconds ago or more.
  void remove_leftovers(std::int64_t age) const;

  /// The hidden name of what was received of `name` so far.
  static std::string partial_name(const std::string& name);

  /// The size of what was received of `name` so far, unless that is `lifetime` seconds old.
  std::optional<std::uint64_t> partial_size(const std::string& name, std::int64_t lifetime) const;

  /// Whether a name is one that only this library gives, to files that are not done.
  static bool is_leftover(std::string_view name) noexcept;

 private:
  UniqueFd directory_;
};

}  // namespace socketserver::http
