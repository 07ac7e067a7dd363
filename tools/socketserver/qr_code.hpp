#pragma once

#include <string>

namespace socketserver::tool {

/// Whether the tool was built with libqrencode.
bool has_qr_codes();

/// `text` as a QR code of Unicode half blocks, for a phone to read off a terminal, whatever its
/// colors are.
///
/// @throws std::runtime_error when it is too long, or there is no libqrencode.
std::string qr_code(const std::string& text);

}  // namespace socketserver::tool
