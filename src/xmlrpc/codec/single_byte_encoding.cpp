#include "xmlrpc/codec/single_byte_encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "xmlrpc/codec/ascii.hpp"
#include "xmlrpc/codec/encoding_name.hpp"

namespace socketserver::xmlrpc {
namespace {

constexpr int kNoCharacter = -1;
constexpr int kMoreBytes = -2;

constexpr std::string_view kFamilies[] = {
    "iso-8859-", "iso8859-", "iso_8859-", "windows-125", "cp125",   "cp437",   "cp85",
    "cp866",     "koi8-",    "latin",     "macintosh",   "tis-620", "us-ascii"};

bool is_of_a_family(std::string_view name) noexcept {
  return std::any_of(std::begin(kFamilies), std::end(kFamilies), [name](std::string_view family) {
    return iequals_ascii(name.substr(0, family.size()), family);
  });
}

/// The code point of one byte, alone.
int code_point(iconv_t conversion, unsigned char byte) noexcept {
  auto in = static_cast<char>(byte);
  char* from = &in;
  std::size_t left = 1;
  unsigned char out[8] = {};
  char* to = reinterpret_cast<char*>(out);
  std::size_t room = sizeof out;
  ::iconv(conversion, nullptr, nullptr, nullptr, nullptr);
  if (::iconv(conversion, &from, &left, &to, &room) == static_cast<std::size_t>(-1)) {
    return errno == EILSEQ ? kNoCharacter : kMoreBytes;
  }
  if (sizeof out - room != 4) return kMoreBytes;
  return static_cast<int>(out[0] | out[1] << 8 | out[2] << 16);  // UTF-32LE, below 2^24
}

}  // namespace

bool map_single_byte_encoding(const char* name, int (&map)[256]) noexcept {
  if (!is_encoding_name(name)) return false;
  const std::string_view registered = registered_name(name);  // ends with NUL as well
  if (!is_of_a_family(registered)) return false;
  iconv_t conversion = ::iconv_open("UTF-32LE", registered.data());
  // NOLINTNEXTLINE(performance-no-int-to-ptr): how iconv_open spells failure
  if (conversion == reinterpret_cast<iconv_t>(-1)) return false;
  bool good = true;
  for (int byte = 0; byte < 256; ++byte) {
    map[byte] = code_point(conversion, static_cast<unsigned char>(byte));
    if (map[byte] == kMoreBytes || (byte < 0x80 && map[byte] != byte)) good = false;
  }
  ::iconv_close(conversion);
  return good;
}

}  // namespace socketserver::xmlrpc
