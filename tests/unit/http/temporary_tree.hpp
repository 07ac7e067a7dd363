#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace socketserver::testing {

/// A directory that exists for a scope, with what a test puts into it. Everybody may read it.
class TemporaryTree {
 public:
  TemporaryTree();
  ~TemporaryTree();
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  /// The absolute path of the directory, or of a name below it.
  const std::string& path() const noexcept { return path_; }
  std::string path(std::string_view name) const { return path_ + '/' + std::string(name); }

  // All of these take names below the directory; the directory that they are in must exist.
  void file(std::string_view name, std::string_view content = {}) const;
  void directory(std::string_view name) const;
  void link(std::string_view name, const std::string& target) const;
  void fifo(std::string_view name) const;
  void mode(std::string_view name, mode_t bits) const;
  void modified_at(std::string_view name, std::int64_t seconds, long nanoseconds = 0) const;

 private:
  std::string path_;
};

/// Makes this thread one without the right to read everything, for a scope: tests of permissions
/// mean something even when root runs them. Other threads are not touched.
class Unprivileged {
 public:
  Unprivileged();
  ~Unprivileged();
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  int before_;
};

}  // namespace socketserver::testing
