#include "privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <socketserver/base/error.hpp>

namespace socketserver::tool {
namespace {

std::optional<unsigned> as_number(const std::string& text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, number);
  return ec == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

gid_t find_group(const std::string& name) {
  if (const group* const found = ::getgrnam(name.c_str())) return found->gr_gid;
  if (const auto number = as_number(name)) return *number;
  throw std::invalid_argument("there is no group \"" + name + '"');
}

bool is(const Identity& identity) {
  uid_t real_user = 0;
  uid_t user = 0;
  uid_t saved_user = 0;
  gid_t real_group = 0;
  gid_t group = 0;
  gid_t saved_group = 0;
  return ::getresuid(&real_user, &user, &saved_user) == 0 &&
         ::getresgid(&real_group, &group, &saved_group) == 0 && real_user == identity.uid &&
         user == identity.uid && saved_user == identity.uid && real_group == identity.gid &&
         group == identity.gid && saved_group == identity.gid;
}

}  // namespace

Identity find_identity(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  Identity identity{.user = name};
  const passwd* found = ::getpwnam(name.c_str());
  if (found == nullptr) {
    const auto number = as_number(name);
    if (number) found = ::getpwuid(*number);
  }
  if (found == nullptr) throw std::invalid_argument("there is no user \"" + name + '"');
  identity.user = found->pw_name;
  identity.uid = found->pw_uid;
  identity.gid = colon == text.npos ? found->pw_gid : find_group(text.substr(colon + 1));
  return identity;
}

void become(const Identity& identity) {
  if (::geteuid() != 0 && is(identity)) return;
  const std::string action = "become " + identity.user;
  // The order matters: only root may change its groups.
  if (::initgroups(identity.user.c_str(), identity.gid) < 0 || ::setgid(identity.gid) < 0 ||
      ::setuid(identity.uid) < 0) {
    throw_os_error(last_error(), action);
  }
  const bool can_return = identity.uid != 0 && (::setuid(0) == 0 || ::seteuid(0) == 0);
  if (can_return || !is(identity)) {
    throw_os_error(std::make_error_code(std::errc::operation_not_permitted), action);
  }
}

}  // namespace socketserver::tool
