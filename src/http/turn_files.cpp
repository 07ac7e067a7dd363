#include "http/turn_files.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <socketserver/base/error.hpp>

#include "base/turn.hpp"
#include "http/file_content.hpp"
#include "http/proto/append_all.hpp"

namespace socketserver::http {
namespace {

// Larger ones cost more to send than to open.
constexpr std::uint64_t kMostBytes = std::uint64_t{16} * 1024;

// Looking through them must stay cheaper than opening.
constexpr std::size_t kMostFiles = 32;

/// What was found under a name, but for the descriptor.
OpenedPath without_descriptor(const OpenedPath& found) {
  OpenedPath copy;
  copy.kind = found.kind;
  copy.size = found.size;
  copy.modified_at = found.modified_at;
  copy.modified_ns = found.modified_ns;
  copy.inode = found.inode;
  copy.ec = found.ec;
  copy.content = found.content;
  return copy;
}

/// All of a small file; null when it has changed meanwhile or cannot be read.
std::shared_ptr<const std::string> content_of(const OpenedPath& file) {
  const auto size = static_cast<std::size_t>(file.size);
  try {
    auto content = std::make_shared<std::string>(read_file(file.fd.get(), 0, size));
    if (content->size() == size) return content;
  } catch (const OSError&) {
    // Whoever sends it will be told.
  }
  return nullptr;
}

/// The words of a path as one text, each with a slash behind it.
void assign_words(std::string& path, std::span<const std::string> words) {
  path.clear();
  for (const std::string& word : words) append_all(path, word, "/");
}

/// Whether `path` was made of these words.
bool has_words(std::string_view path, std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (!path.starts_with(word) || path.size() == word.size() || path[word.size()] != '/')
      return false;
    path.remove_prefix(word.size() + 1);
  }
  return path.empty();
}

class TurnFiles final : public detail::KeptForTurn {
 public:
  OpenedPath open(const DocumentRoot& root, std::span<const std::string> words) {
    for (const File& file : std::span(files_).first(used_)) {
      if (file.root == root.number() && has_words(file.path, words))
        return without_descriptor(file.found);
    }
    OpenedPath found = root.open(words);
    const bool small = found.kind == OpenedPath::Kind::file && found.size <= kMostBytes;
    if (small) found.content = content_of(found);
    const bool shareable = found.content || found.ec == std::errc::no_such_file_or_directory;
    if (!shareable || used_ == files_.size()) return found;

    File& file = files_[used_];
    assign_words(file.path, words);
    file.root = root.number();
    file.found = without_descriptor(found);
    if (used_++ == 0) detail::keep_for_turn(*this);
    return found;
  }

  void let_go() noexcept override {
    for (File& file : std::span(files_).first(used_)) file.found.content.reset();
    used_ = 0;
  }

 private:
  struct File {
    std::uint64_t root = 0;
    std::string path;
    OpenedPath found;
  };

  std::array<File, kMostFiles> files_;
  std::size_t used_ = 0;
};

// Never inlined, lest a compiler keep the address of a thread's variable across a fiber switch.
[[gnu::noinline]] TurnFiles& files_of_this_turn() {
  thread_local std::unique_ptr<TurnFiles> files;  // few threads ever need them
  if (!files) files = std::make_unique<TurnFiles>();
  return *files;
}

}  // namespace

OpenedPath open_in_turn(const DocumentRoot& root, std::span<const std::string> words) {
  return files_of_this_turn().open(root, words);
}

}  // namespace socketserver::http
