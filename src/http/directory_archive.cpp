#include "http/directory_archive.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include <socketserver/base/error.hpp>

#include "http/file_content.hpp"
#include "http/shortage.hpp"

namespace socketserver::http {
namespace {

constexpr std::size_t kFileBlock = std::size_t{64} * 1024;

// What compresses to nearly nothing must not keep a client, or the server's end, waiting for long.
constexpr std::size_t kReadAtOnce = std::size_t{1} << 20;

// Each level has a descriptor.
constexpr std::size_t kMostLevels = 64;

unsigned permissions_of(const UniqueFd& fd) {
  struct stat status {};
  ::fstat(fd.get(), &status);
  return status.st_mode & 0777;
}

}  // namespace

DirectoryArchive::DirectoryArchive(const DocumentRoot& root, bool show_hidden,
                                   std::span<const std::string> hidden_names, UniqueFd directory,
                                   std::vector<std::string> words, const std::string& name,
                                   std::unique_ptr<ArchiveWriter> writer)
    : root_(root),
      show_hidden_(show_hidden),
      hidden_names_(hidden_names),
      writer_(std::move(writer)) {
  levels_.push_back({.names = DirectoryReader(std::move(directory), show_hidden_, hidden_names_),
                     .words = std::move(words),
                     .path = name + '/'});
}

bool DirectoryArchive::render(std::string& out, std::size_t size) {
  std::size_t read = 0;
  while (out.size() < size && read < kReadAtOnce) {
    if (file_.fd) {
      read += copy_block(out);
    } else if (const auto entry = next_entry()) {
      begin(out, *entry);
    } else if (levels_.size() > 1) {
      levels_.pop_back();
    } else {
      writer_->end(out);
      return false;
    }
  }
  return true;
}

/// The next name in the directory at hand; one that was removed meanwhile has no more.
std::optional<DirectoryEntry> DirectoryArchive::next_entry() {
  try {
    return levels_.back().names.next();
  } catch (const OSError& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    complain(levels_.back().path, error.what());
    return std::nullopt;
  }
}

void DirectoryArchive::begin(std::string& out, const DirectoryEntry& entry) {
  std::string path = levels_.back().path + entry.name;
  if (entry.is_link && entry.is_directory) return complain(path, "a link to a directory");
  std::vector<std::string> words = levels_.back().words;
  words.push_back(entry.name);
  OpenedPath found = root_.open(words);
  // Not a matter of this file: without it, and those behind it, the archive would seem whole.
  if (is_shortage(found.ec)) throw_os_error(found.ec, "archive: open " + path);
  const bool is_directory = found.kind == OpenedPath::Kind::directory;
  if (is_directory && levels_.size() == kMostLevels) return complain(path, "too deep");
  if (!is_directory && found.kind != OpenedPath::Kind::file) {
    return complain(path, found.ec ? found.ec.message() : "not a file");
  }
  writer_->begin_entry(out, {.path = path,
                             .is_directory = is_directory,
                             .size = found.size,
                             .modified_at = found.modified_at,
                             .mode = permissions_of(found.fd)});
  if (is_directory) {
    levels_.push_back({.names = DirectoryReader(std::move(found.fd), show_hidden_, hidden_names_),
                       .words = std::move(words),
                       .path = path + '/'});
  } else if (found.size > 0) {
    file_ = std::move(found);
    path_ = std::move(path);
    read_ = 0;
    padded_ = false;
  }
}

/// Returns how much it was.
std::size_t DirectoryArchive::copy_block(std::string& out) {
  const auto wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(kFileBlock, file_.size - read_));
  std::string block;
  if (!padded_) {
    block = read_file(file_.fd.get(), read_, wanted);
    if (block.size() < wanted) complain(path_, "became shorter; padded with zeros");
  }
  padded_ = block.size() < wanted;
  block.resize(wanted);
  writer_->write(out, block);
  read_ += wanted;
  if (read_ == file_.size) file_.fd.reset();
  return wanted;
}

void DirectoryArchive::complain(const std::string& path, const std::string& what) {
  complaints_.push_back("archive: " + path + ": " + what);
}

}  // namespace socketserver::http
