#include "browser.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <socketserver/base/error.hpp>

namespace socketserver::tool {

void open_browser(const std::string& url) {
  const char* const chosen = std::getenv("BROWSER");
  const std::string browser = chosen != nullptr && *chosen != '\0' ? chosen : "xdg-open";
  // The shell ends at once, and leaves the browser to nobody's care: no child of ours remains.
  const std::string script = "command -v \"$0\" >/dev/null || exit 127; \"$0\" \"$1\" &";
  std::array<std::string, 5> words = {"sh", "-c", script, browser, url};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // What it has to say is nobody's business, and it must not hold the reader of our output.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  pid_t shell = -1;
  const int problem =
      ::posix_spawn(&shell, "/bin/sh", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) throw_os_error({problem, std::generic_category()}, "run " + browser);
  int status = 0;
  while (::waitpid(shell, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) {
    throw_os_error(std::make_error_code(std::errc::no_such_file_or_directory), "run " + browser);
  }
}

}  // namespace socketserver::tool
