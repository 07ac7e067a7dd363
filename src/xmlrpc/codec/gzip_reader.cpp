#include "xmlrpc/codec/gzip_reader.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace socketserver::xmlrpc {
namespace {

constexpr int kReaderWindow = MAX_WBITS + 16;
constexpr std::size_t kReaderBuffer = std::size_t{64} * 1024;
constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();

}  // namespace

std::size_t most_content(std::size_t compressed, std::size_t times) noexcept {
  if (times == 0 || compressed > (kAnySize - kFreeExpansion) / times) return kAnySize;
  return kFreeExpansion + times * compressed;
}

GzipReader::GzipReader(std::function<std::string_view()> source, std::size_t max_bytes,
                       std::size_t times)
    : source_(std::move(source)), max_bytes_(max_bytes), times_(times) {
  if (inflateInit2(&stream_, kReaderWindow) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() {
  inflateEnd(&stream_);
}

std::string_view GzipReader::next() {
  while (!finished_ && !error_) {
    const bool waits = written_ > most_content(received_, times_);
    if ((waits || pending_.empty()) && !ended_) {
      ended_ = !fetch();
      continue;
    }
    if (waits) return refuse(GzipError::too_large);
    const std::size_t before = written_;
    const int result = inflate_some();
    const std::string_view content(buffer_.data(), written_ - before);
    if (written_ > max_bytes_) return refuse(GzipError::too_large);
    if (result == Z_STREAM_END) return finish(content);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_BUF_ERROR) return refuse(GzipError::invalid_data);
    if (!content.empty()) return content;
    if (pending_.empty() && ended_) return refuse(GzipError::invalid_data);
  }
  return {};
}

/// Takes a piece of the source, behind the data that is left. Returns false at its end.
bool GzipReader::fetch() {
  if (!pending_.empty() && pending_.data() + pending_.size() != held_.data() + held_.size()) {
    held_.assign(pending_);  // a piece of the source is gone once the next one comes
  }
  const std::size_t left = pending_.size();
  const std::string_view piece = source_();
  received_ += piece.size();
  if (left == 0) {
    held_.clear();
    pending_ = piece;
  } else {
    // What was used goes when it is half of it: else small pieces would move the rest each time.
    if (held_.size() > 2 * left) held_.erase(0, held_.size() - left);
    const std::size_t used = held_.size() - left;
    held_.append(piece);
    pending_ = std::string_view(held_).substr(used);
  }
  return !piece.empty();
}

/// Decompresses up to a buffer: one byte more than is allowed tells content that is too large from
/// content that just fits.
int GzipReader::inflate_some() {
  buffer_.resize(kReaderBuffer);
  const std::size_t most = std::min(max_bytes_, most_content(received_, times_)) - written_;
  const std::size_t given =
      std::min<std::size_t>(pending_.size(), std::numeric_limits<uInt>::max());
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pending_.data()));
  stream_.avail_in = static_cast<uInt>(given);
  stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
  stream_.avail_out = static_cast<uInt>(most < kReaderBuffer ? most + 1 : kReaderBuffer);
  const uInt room = stream_.avail_out;
  const int result = inflate(&stream_, Z_NO_FLUSH);
  written_ += room - stream_.avail_out;
  pending_.remove_prefix(given - stream_.avail_in);
  return result;
}

/// The data has ended: nothing may come behind it, and only now its size is known.
std::string_view GzipReader::finish(std::string_view last) {
  finished_ = true;
  while (pending_.empty() && !ended_) ended_ = !fetch();
  if (!pending_.empty()) return refuse(GzipError::invalid_data);
  if (written_ > most_content(received_, times_)) return refuse(GzipError::too_large);
  return last;
}

std::string_view GzipReader::refuse(GzipError error) {
  error_ = error;
  return {};
}

}  // namespace socketserver::xmlrpc
