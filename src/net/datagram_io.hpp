#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/datagram.hpp>

namespace socketserver::detail {

/// No packet is larger.
inline constexpr std::size_t kLargestPacket = 65'536;

/// Has the kernel say of each packet which address it was sent to; for a socket bound to all of
/// them.
///
/// @throws OSError "setsockopt".
void want_destinations(int fd);

/// Takes the next packet without waiting for one, through `buffer`, whose size is the most that is
/// kept of it.
///
/// @param tells_destination  `want_destinations` was called for the socket.
/// @return why there is none: `std::errc::resource_unavailable_try_again` when none has come.
std::error_code receive_datagram(int fd, std::span<char> buffer, bool tells_destination,
                                 Datagram& into);

/// Sends `data` as one packet to `to`, and where `from` names an address, from there.
///
/// Waits for room until the deadline, and for `longest` at most. Any thread, many at once.
std::error_code send_datagram(int fd, std::string_view data, const Address& to, const Address& from,
                              Deadline deadline, Duration longest = Duration::max());

}  // namespace socketserver::detail
