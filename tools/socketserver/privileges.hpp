#pragma once

#include <sys/types.h>

#include <string>

namespace socketserver::tool {

/// A user that the process becomes.
struct Identity {
  std::string user;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Looks "USER" or "USER:GROUP" up, names or numbers; without a group it is the user's own.
///
/// @throws std::invalid_argument when there is none of that name.
Identity find_identity(const std::string& text);

/// Becomes that user for good, and proves that there is no way back. Without being root it works
/// for the user that one is already.
///
/// @throws OSError "become USER".
void become(const Identity& identity);

}  // namespace socketserver::tool
