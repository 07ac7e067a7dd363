#pragma once

#include <string>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::http {

/// Opens a new file without a name, to read and write, in the file system of `directory`; nothing,
/// with the reason in errno, when that cannot be.
UniqueFd open_nameless(const std::string& directory);

/// As above where the file system knows no such files: the name is taken away at once, so for a
/// moment there is one, which nobody else can guess or open.
UniqueFd open_unlinked(const std::string& directory);

}  // namespace socketserver::http
