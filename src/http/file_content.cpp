#include "http/file_content.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::http {
namespace {

constexpr int kHexadecimal = 16;

std::string hex(std::uint64_t value) {
  std::array<char, kHexadecimal> digits;
  const auto [end, ec] =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, kHexadecimal);
  return {digits.data(), end};
}

/// Spreads every bit of `value` over all 64, one to one: the finalizer of SplitMix64.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

}  // namespace

OpenedPath examine(UniqueFd fd) {
  OpenedPath opened;
  opened.fd = std::move(fd);
  struct stat status {};
  if (!opened.fd || ::fstat(opened.fd.get(), &status) < 0) {
    opened.ec = last_error();
    opened.fd.reset();
    return opened;
  }
  opened.modified_at = status.st_mtim.tv_sec;
  opened.modified_ns = status.st_mtim.tv_nsec;
  opened.inode = status.st_ino;
  if (S_ISREG(status.st_mode)) {
    opened.kind = OpenedPath::Kind::file;
    opened.size = static_cast<std::uint64_t>(status.st_size);
  } else if (S_ISDIR(status.st_mode)) {
    opened.kind = OpenedPath::Kind::directory;
  } else {
    opened.kind = OpenedPath::Kind::other;
    opened.fd.reset();
  }
  return opened;
}

std::string make_entity_tag(const OpenedPath& file) {
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  const std::uint64_t modified = static_cast<std::uint64_t>(file.modified_at) * kNanoseconds +
                                 static_cast<std::uint64_t>(file.modified_ns);
  return '"' + hex(file.size) + '-' + hex(mix(mix(file.inode) + modified)) + '"';
}

std::string random_boundary() {
  std::array<std::uint64_t, 2> bits{};
  if (::getrandom(bits.data(), sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) {
    throw_os_error(last_error(), "getrandom");
  }
  return hex(bits[0]) + 'x' + hex(bits[1]);
}

std::string read_file(int fd, std::uint64_t offset, std::size_t size) {
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got =
        ::pread(fd, content.data() + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_os_error(last_error(), "read file");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.resize(filled);
  return content;
}

}  // namespace socketserver::http
