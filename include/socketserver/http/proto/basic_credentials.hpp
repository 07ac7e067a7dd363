#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace socketserver::http {

/// Who a client says it is (RFC 7617).
struct BasicCredentials {
  std::string user;      ///< Holds no colon (RFC 7617 §2).
  std::string password;  ///< May hold colons.
};

/// Reads the value of an `Authorization` field: "Basic dTpw". Nothing when it has another scheme,
/// when what follows is not base64 of "user:password", or when control characters are in it. A
/// password may have colons.
[[nodiscard]] std::optional<BasicCredentials> parse_basic_credentials(std::string_view field);

/// Decodes base64 (RFC 4648 §4); nothing when `text` is none. Padding may be missing; blanks, other
/// characters and bits behind the last byte are refused.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace socketserver::http
