#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace socketserver::http {

/// A user of this machine, for a server that is root to become when it runs a script.
struct CGIUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// Looks a user up by its name, with its groups.
///
/// @throws OSError "look up user nobody"; std::invalid_argument for one that does not exist, or is
///         root.
CGIUser find_user(const std::string& name);

}  // namespace socketserver::http
