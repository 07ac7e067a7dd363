#include <socketserver/net/stream.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/parts.hpp"

namespace socketserver {

IoResult ByteSink::send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                                  Deadline deadline) {
  std::array<char, 16384> block;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, block.size()));
  ssize_t got = 0;
  do {
    got = ::pread(fd, block.data(), wanted, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return {0, {errno, std::system_category()}};
  if (got == 0) return {};
  const std::string_view part(block.data(), static_cast<std::size_t>(got));
  return write_some({&part, 1}, deadline);
}

std::error_code write_all(ByteSink& sink, std::span<std::string_view> parts,
                          std::optional<Duration> timeout, TimeoutFrom from) {
  Deadline deadline = Deadline::after(timeout);
  parts = detail::skip_bytes(parts, 0);
  while (!parts.empty()) {
    const IoResult result = sink.write_some(parts, deadline);
    if (result.ec) return result.ec;
    parts = detail::skip_bytes(parts, result.n);
    if (from == TimeoutFrom::progress && !parts.empty()) deadline = Deadline::after(timeout);
  }
  return {};
}

}  // namespace socketserver
