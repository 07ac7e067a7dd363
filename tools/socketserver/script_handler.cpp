#include "script_handler.hpp"

namespace socketserver::tool {

/// Where a script has sent its client on to, that one must be allowed, too.
std::optional<http::OpenedPath> ScriptHandler::send_head() {
  if (!admit()) return std::nullopt;
  return FileHandler::send_head();
}

bool ScriptHandler::names_user() const {
  return has_accounts() ? !user().empty() : FileHandler::names_user();
}

std::string ScriptHandler::script_name_of(std::span<const std::string> words) const {
  return prefix() + FileHandler::script_name_of(words);
}

}  // namespace socketserver::tool
