#pragma once

#include <string>
#include <string_view>

namespace socketserver::http {

/// Returns the `Content-Disposition` that has a browser save a body as a file of this name (RFC
/// 6266): `attachment; filename="a_b.zip"; filename*=UTF-8''a%C3%A4b.zip`.
///
/// The plain form has '_' for whatever is not a letter, a digit, blank or one of `._-()+,=@`; the
/// extended one is there when that made a difference and the name is UTF-8.
[[nodiscard]] std::string attachment(std::string_view name);

}  // namespace socketserver::http
