#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::http {

/// Which symbolic links below a served directory are followed.
enum class Symlinks {
  inside,  ///< Those that stay below it.
  all,     ///< All: whoever can make a link there can publish any file of the machine.
  none,    ///< None.
};

/// What DocumentRoot::open found, open for reading.
struct OpenedPath {
  /// What is at the path.
  enum class Kind {
    absent,     ///< Not there, or not to be had; `ec` says why.
    file,       ///< A regular file.
    directory,  ///< A directory.
    other,      ///< A pipe, a device, a socket: never to be served.
  };

  Kind kind = Kind::absent;      ///< What was found.
  UniqueFd fd;                   ///< Open for reading; empty when there is nothing to read.
  std::uint64_t size = 0;        ///< Bytes of a regular file.
  std::int64_t modified_at = 0;  ///< Seconds since 1970.
  std::int64_t modified_ns = 0;  ///< Nanoseconds behind `modified_at`.
  std::uint64_t inode = 0;       ///< Its number in its file system.
  std::error_code ec;            ///< Why it cannot be opened, for the log.

  /// All of a small file that several requests share (SimpleHTTPOptions::share_small_files); null
  /// for everything else. `fd` is then open for one of them only.
  std::shared_ptr<const std::string> content = nullptr;
};

/// A directory whose content is served, and the one place where its files are opened.
///
/// Nothing outside the directory can be opened through it, whatever the path, however links and
/// directories change meanwhile: the kernel resolves the path beneath the open directory.
///
/// Thread safety: all members may be called from many threads at once.
class DocumentRoot {
 public:
  /// Opens the directory; it stays the same one when the working directory changes or when it is
  /// renamed.
  ///
  /// @throws OSError "open directory /srv".
  explicit DocumentRoot(const std::string& directory, Symlinks symlinks = Symlinks::inside);

  /// A directory that is open already.
  explicit DocumentRoot(UniqueFd directory, Symlinks symlinks = Symlinks::inside) noexcept;

  /// Opens what `words` names, from the root down; no words: the directory itself.
  ///
  /// A word must not be empty, "." or ".." or hold '/' or NUL, as http::resolve_target ensures.
  /// Never blocks on a pipe. Opens nothing but regular files and directories for long: of anything
  /// else only the kind is returned.
  OpenedPath open(std::span<const std::string> words) const { return open(words, symlinks_); }

  /// As `open`, and under Symlinks::all too no link that leaves the directory is followed: for who
  /// is about to change what it opens.
  OpenedPath open_inside(std::span<const std::string> words) const;

  /// Tells it from every other one of this process, also from those that are gone.
  std::uint64_t number() const noexcept { return number_; }

 private:
  OpenedPath open(std::span<const std::string> words, Symlinks symlinks) const;
  UniqueFd open_beneath(const std::string& path, Symlinks symlinks) const;
  UniqueFd open_checked(const std::string& path, Symlinks symlinks) const;

  UniqueFd directory_;
  Symlinks symlinks_;
  std::uint64_t number_;
};

}  // namespace socketserver::http
