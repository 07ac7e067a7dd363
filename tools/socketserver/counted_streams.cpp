#include "counted_streams.hpp"

#include <algorithm>
#include <charconv>

namespace socketserver::tool {
namespace {

// One piece of a file may otherwise be all of it, which is nothing until it is everything.
constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;

}  // namespace

std::optional<std::uint64_t> as_size(std::string_view digits) {
  std::uint64_t size = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, size);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return size;
}

IoResult CountedWriter::write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) {
  std::size_t written = 0;
  for (const std::string_view part : parts) {
    beneath_->write(part);
    transfer_.add(part.size());
    written += part.size();
  }
  return {written, {}};
}

IoResult CountedWriter::send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                                       Deadline /*deadline*/) {
  const std::uint64_t sent = beneath_->sendfile(fd, offset, std::min(count, kPiece));
  transfer_.add(sent);
  return {static_cast<std::size_t>(sent), {}};
}

std::error_code CountedWriter::flush(Deadline /*deadline*/) {
  beneath_->flush();
  return {};
}

IoResult CountedReader::read_some(std::span<char> into, Deadline deadline) {
  const IoResult got = beneath_->read_some(into, deadline);
  transfer_.add(got.n);
  return got;
}

}  // namespace socketserver::tool
