#include "http/nameless_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace socketserver::http {

UniqueFd open_nameless(const std::string& directory) {
  // O_EXCL: nor will it ever get one.
  UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  const bool unknown = !file && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL);
  return unknown ? open_unlinked(directory) : std::move(file);
}

UniqueFd open_unlinked(const std::string& directory) {
  std::string name = directory + "/socketserver-XXXXXX";
  UniqueFd file(::mkostemp(name.data(), O_CLOEXEC));
  if (file) ::unlink(name.c_str());
  return file;
}

}  // namespace socketserver::http
