#include "http/cgi_user.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <stdexcept>

#include <socketserver/base/error.hpp>

namespace socketserver::http {

CGIUser find_user(const std::string& name) {
  std::vector<char> text(1024);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = ::getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found)) == ERANGE) {
    text.resize(text.size() * 2);
  }
  if (found == nullptr && error != 0) {
    throw_os_error({error, std::system_category()}, "look up user " + name);
  }
  if (found == nullptr) throw std::invalid_argument("there is no user " + name);
  if (entry.pw_uid == 0) throw std::invalid_argument("user " + name + " is root");

  CGIUser user{.name = name, .uid = entry.pw_uid, .gid = entry.pw_gid, .groups = {}};
  int count = 16;
  do {
    user.groups.resize(static_cast<std::size_t>(count));
  } while (::getgrouplist(name.c_str(), user.gid, user.groups.data(), &count) < 0);
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

}  // namespace socketserver::http
