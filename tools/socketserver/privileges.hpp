#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace socketserver::tool {

/// A user that the process becomes.
struct Identity {
  std::string user;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups = {};  // all of them
};

/// Looks "USER" or "USER:GROUP" up, names or numbers; without a group it is the user's own.
///
/// @throws std::invalid_argument when there is none of that name.
Identity find_identity(const std::string& text);

/// Makes `directory` the root of the file system and the working directory of this process, for
/// good. A process that stays root can get out of it.
///
/// @throws OSError "chroot DIRECTORY".
void change_root(const std::string& directory);

/// The name that `file` has when `root`, a path without links, is the root; none when it is not in
/// there.
std::optional<std::string> name_beneath(const std::string& root, const std::string& file);

/// Becomes that user for good, and proves that there is no way back. Without being root it works
/// for the user that one is already.
///
/// @throws OSError "become USER".
void become(const Identity& identity);

}  // namespace socketserver::tool
