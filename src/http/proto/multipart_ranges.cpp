#include <socketserver/http/proto/multipart_ranges.hpp>
#include <utility>

namespace socketserver::http {

MultipartRanges::MultipartRanges(std::vector<ByteRange> ranges, std::uint64_t size,
                                 std::string media_type, std::string boundary)
    : ranges_(std::move(ranges)),
      size_(size),
      media_type_(std::move(media_type)),
      boundary_(std::move(boundary)) {}

std::string MultipartRanges::content_type() const {
  return "multipart/byteranges; boundary=" + boundary_;
}

std::uint64_t MultipartRanges::content_length() const {
  std::uint64_t length = end().size();
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    length += part_head(i).size() + ranges_[i].size();
  }
  return length;
}

std::string MultipartRanges::part_head(std::size_t index) const {
  // The line end in front belongs to the delimiter (RFC 2046 §5.1.1).
  std::string head = "\r\n--" + boundary_ + "\r\n";
  if (!media_type_.empty()) head += "Content-Type: " + media_type_ + "\r\n";
  return head + "Content-Range: " + content_range(ranges_[index], size_) + "\r\n\r\n";
}

std::string MultipartRanges::end() const {
  return "\r\n--" + boundary_ + "--\r\n";
}

}  // namespace socketserver::http
