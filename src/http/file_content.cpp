#include "http/file_content.hpp"

#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <string_view>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::http {
namespace {

constexpr unsigned kHexadecimal = 16;

/// Writes `value` to `out`, at most sixteen digits; returns where they end.
char* hex_to(char* out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  char* const end = out + (std::bit_width(value | 1) + 3) / 4;
  for (char* at = end; at != out; value /= kHexadecimal) *--at = kDigits[value % kHexadecimal];
  return end;
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

FileTag::FileTag(const OpenedPath& file) noexcept {
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  const std::uint64_t modified = static_cast<std::uint64_t>(file.modified_at) * kNanoseconds +
                                 static_cast<std::uint64_t>(file.modified_ns);
  char* at = text_.data();
  *at++ = '"';
  at = hex_to(at, file.size);
  *at++ = '-';
  at = hex_to(at, mix(mix(file.inode) + modified));
  *at++ = '"';
  size_ = static_cast<std::size_t>(at - text_.data());
}

std::string random_boundary() {
  std::array<std::uint64_t, 2> bits{};
  if (::getrandom(bits.data(), sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) {
    throw_os_error(last_error(), "getrandom");
  }
  std::array<char, std::size_t{2} * kHexadecimal + 1> text;
  char* at = hex_to(text.data(), bits[0]);
  *at++ = 'x';
  at = hex_to(at, bits[1]);
  return {text.data(), at};
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
