#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/net/reader.hpp>
#include <socketserver/net/writer.hpp>

#include "progress.hpp"

namespace socketserver::tool {

/// The bytes that a Content-Length announces; nothing when it is no number.
std::optional<std::uint64_t> as_size(std::string_view digits);

/// A writer that hands everything on to another one, and counts it for a transfer.
///
/// Thread safety: as a Writer.
/// Lifetime: each call of `writer` names the other one anew, which lives as long as that is used.
class CountedWriter final : private ByteSink {
 public:
  /// @param progress, name, total  as Progress::Transfer has them.
  CountedWriter(Progress& progress, std::string name, std::optional<std::uint64_t> total)
      : transfer_(progress, std::move(name), total) {}

  Writer& writer(Writer& beneath) noexcept {
    beneath_ = &beneath;
    return writer_;
  }

  std::uint64_t done() const noexcept { return transfer_.done(); }

 private:
  // What the writer beneath throws passes through the one in front.
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  IoResult send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                          Deadline deadline) override;
  std::error_code flush(Deadline deadline) override;
  int fileno() const noexcept override { return beneath_->fileno(); }

  Progress::Transfer transfer_;
  Writer* beneath_ = nullptr;
  Writer writer_{*this};
};

/// The same for a reader.
class CountedReader final : private ByteSource {
 public:
  CountedReader(Progress& progress, std::string name, std::optional<std::uint64_t> total)
      : transfer_(progress, std::move(name), total) {}

  Reader& reader(Reader& beneath) noexcept {
    beneath_ = &beneath;
    return reader_;
  }

  std::uint64_t done() const noexcept { return transfer_.done(); }

 private:
  IoResult read_some(std::span<char> into, Deadline deadline) override;
  int fileno() const noexcept override { return beneath_->fileno(); }

  Progress::Transfer transfer_;
  Reader* beneath_ = nullptr;
  Reader reader_{*this};
};

}  // namespace socketserver::tool
