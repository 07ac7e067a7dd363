#pragma once

#include <string>
#include <vector>

#include <socketserver/net/address.hpp>

#include "file_handler.hpp"

namespace socketserver::tool {

/// What to tell a program that has started the server: a line for each address.
///
/// @param addresses  as bound.
std::string announcement(const std::vector<Address>& addresses, const FileHandlerOptions& options);

/// The same for a person at a terminal.
std::string friendly_announcement(const std::vector<Address>& addresses,
                                  const FileHandlerOptions& options);

/// Where another machine of the network finds the server, as far as one can tell; "" when there are
/// Unix sockets only.
std::string network_url(const std::vector<Address>& addresses, const FileHandlerOptions& options);

/// Where a browser on this machine finds a server with these addresses; "" when there are Unix
/// sockets only.
std::string browser_url(const std::vector<Address>& addresses, const FileHandlerOptions& options);

/// The same for one address.
std::string local_url(const Address& address, const FileHandlerOptions& options);

}  // namespace socketserver::tool
