#include "pid_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include <socketserver/base/error.hpp>

#include "privileges.hpp"

namespace socketserver::tool {

PidFile::PidFile(const std::string& file)
    : file_(std::filesystem::absolute(file).native()), process_(::getpid()) {
  constexpr mode_t kMode = 0644;
  // No link to another file: whoever owns the directory could have that one emptied by root.
  fd_ = UniqueFd(::open(file_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (!fd_) throw_os_error(last_error(), "open " + file_);
  // Child processes have no part in a lock of this kind, and cannot outlive it.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd_.get(), F_SETLK, &whole) < 0) {
    auto code = last_error();
    if (code == std::errc::resource_unavailable_try_again || code == std::errc::permission_denied) {
      code = std::make_error_code(std::errc::device_or_resource_busy);
    }
    throw_os_error(code, "lock " + file_);
  }
  const std::string text = std::to_string(process_) + '\n';
  if (::ftruncate(fd_.get(), 0) < 0 ||
      ::write(fd_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw_os_error(last_error(), "write " + file_);
  }
}

PidFile::~PidFile() {
  if (::getpid() != process_) return;
  if (!file_.empty() && ::unlink(file_.c_str()) == 0) return;
  // Who may not remove it leaves at least no number that another process may have by then.
  [[maybe_unused]] const int emptied = ::ftruncate(fd_.get(), 0);
}

void PidFile::enter_root(const std::string& root) {
  file_ = name_beneath(root, file_).value_or("");
}

}  // namespace socketserver::tool
