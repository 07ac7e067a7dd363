#include <socketserver/server/inherited_sockets.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace socketserver {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kMostDescriptors = 1024;

/// The number in a variable of the environment; −1 when there is none.
int number_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return -1;
  const std::string_view text(value);
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

/// Takes the part before the next colon off `names`.
std::string next_name(std::string_view& names) {
  const std::size_t colon = names.find(':');
  const std::string name(names.substr(0, colon));
  names = colon == names.npos ? std::string_view() : names.substr(colon + 1);
  return name;
}

}  // namespace

std::vector<InheritedSocket> inherited_sockets() {
  std::vector<InheritedSocket> sockets;
  const int count = number_in("LISTEN_FDS");
  if (number_in("LISTEN_PID") == ::getpid() && count > 0 && count <= kMostDescriptors) {
    const char* value = std::getenv("LISTEN_FDNAMES");
    std::string_view names = value == nullptr ? "" : value;
    for (int fd = kFirstDescriptor; fd < kFirstDescriptor + count; ++fd) {
      std::string name = next_name(names);
      if (::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) continue;  // announced, but not there
      sockets.push_back({fd, std::move(name)});
    }
  }
  for (const char* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(variable);
  return sockets;
}

}  // namespace socketserver
