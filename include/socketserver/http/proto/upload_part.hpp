#pragma once

#include <cstdint>
#include <optional>

#include <socketserver/http/proto/headers.hpp>

namespace socketserver::http {

/// Where the body of a request belongs in a file that arrives in several requests.
struct UploadPart {
  std::uint64_t offset = 0;            ///< Of its first byte.
  std::optional<std::uint64_t> end;    ///< Behind its last byte, where the client has said.
  std::optional<std::uint64_t> total;  ///< The size of the whole file, where the client has said.
  bool last = false;                   ///< The file ends with this body.
};

/// Reads where a body belongs: from `Upload-Offset`, with `Upload-Length` for the size of the file
/// or `Upload-Complete: ?1` for its last part; or from `Content-Range: bytes 100-199/200`, which
/// curl sends for `-C 100`.
///
/// Returns nothing when the request says neither, says both, says anything twice, or says what
/// cannot be: a part that ends behind the file, a number beyond 63 bits.
[[nodiscard]] std::optional<UploadPart> read_upload_part(const Headers& request);

}  // namespace socketserver::http
