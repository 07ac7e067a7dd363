#include "privileges.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <filesystem>
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

/// Looked up early: where there is another root there is no list of them.
std::vector<gid_t> groups_of(const Identity& identity) {
  int count = 16;
  std::vector<gid_t> groups;
  do {
    groups.resize(static_cast<std::size_t>(count));
  } while (::getgrouplist(identity.user.c_str(), identity.gid, groups.data(), &count) < 0);
  groups.resize(static_cast<std::size_t>(count));
  return groups;
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
  identity.groups = groups_of(identity);
  return identity;
}

void change_root(const std::string& directory) {
  ::tzset();  // while there is a file that says when it is what time
  if (::chroot(directory.c_str()) < 0 || ::chdir("/") < 0) {
    throw_os_error(last_error(), "chroot " + directory);
  }
}

std::optional<std::string> name_beneath(const std::string& root, const std::string& file) {
  if (root == "/") return file;
  const std::string path = std::filesystem::weakly_canonical(file).native();
  if (path == root) return "/";
  return path.starts_with(root + '/') ? std::optional(path.substr(root.size())) : std::nullopt;
}

void become(const Identity& identity) {
  if (::geteuid() != 0 && is(identity)) return;
  const std::string action = "become " + identity.user;
  // The order matters: only root may change its groups.
  if (::setgroups(identity.groups.size(), identity.groups.data()) < 0 ||
      ::setgid(identity.gid) < 0 || ::setuid(identity.uid) < 0) {
    throw_os_error(last_error(), action);
  }
  const bool can_return = identity.uid != 0 && (::setuid(0) == 0 || ::seteuid(0) == 0);
  if (can_return || !is(identity)) {
    throw_os_error(std::make_error_code(std::errc::operation_not_permitted), action);
  }
}

}  // namespace socketserver::tool
