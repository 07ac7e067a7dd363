#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/cgi_handler.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/cgi_user.hpp"

namespace socketserver {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

std::vector<std::string> words_of_directory(const std::string& directory) {
  if (!directory.starts_with('/')) {
    throw std::invalid_argument("CGI directory " + http::repr(directory) + " has no '/' in front");
  }
  const auto place = http::resolve_target(http::percent_encode_path(directory));
  if (!place) throw std::invalid_argument("CGI directory " + http::repr(directory) + " is no path");
  return place->words;
}

void require_suffix(const std::string& suffix) {
  if (suffix.size() >= 2 && suffix.starts_with('.')) return;
  throw std::invalid_argument("CGI extension " + http::repr(suffix) + " is no suffix");
}

void require_interpreters(const std::map<std::string, std::string>& extensions) {
  for (const auto& [suffix, interpreter] : extensions) {
    require_suffix(suffix);
    if (!interpreter.starts_with('/')) {
      throw std::invalid_argument("interpreter " + http::repr(interpreter) +
                                  " is no absolute path");
    }
    if (::access(interpreter.c_str(), X_OK) < 0) {
      throw_os_error(last_error(), "interpreter " + interpreter);
    }
  }
}

/// Whether a file's name has this suffix and something before it.
bool has_suffix(std::string_view name, std::string_view suffix) {
  return name.size() > suffix.size() &&
         http::iequals(name.substr(name.size() - suffix.size()), suffix);
}

std::map<std::string, std::string> environment_of(const CGIHTTPOptions& options) {
  std::map<std::string, std::string> environment = {{"PATH", std::string(kDefaultPath)}};
  for (const std::string& name : options.inherited_environment) {
    if (const char* const value = std::getenv(name.c_str())) environment[name] = value;
  }
  for (const auto& [name, value] : options.environment) {
    constexpr std::string_view kNul("\0", 1);
    if (name.empty() || name.find('=') != name.npos || (name + value).find(kNul) != name.npos) {
      throw std::invalid_argument("variable " + http::repr(name) + " cannot be set");
    }
    environment[name] = value;
  }
  return environment;
}

void require_application(const std::string& place, const Address& application,
                         const std::map<std::string, std::string>& extensions) {
  if (!place.starts_with('/')) require_suffix(place);
  const auto is_same = [&place](const auto& entry) { return http::iequals(entry.first, place); };
  if (std::ranges::any_of(extensions, is_same)) {
    throw std::invalid_argument("files of " + http::repr(place) +
                                " cannot both be run and be an application's");
  }
  const bool is_network = application.family() != AddressFamily::unix_domain;
  const bool is_nobody = is_network ? application.is_unspecified() || application.port() == 0
                                    : application.path().empty();
  if (is_nobody) {
    throw std::invalid_argument("nobody can connect to the FastCGI application of " +
                                http::repr(place));
  }
}

std::unique_ptr<const http::CGIUser> user_of(const CGIHTTPOptions& options) {
  if (options.user.empty() || ::geteuid() != 0) return nullptr;
  return std::make_unique<const http::CGIUser>(http::find_user(options.user));
}

}  // namespace

CGIHTTPRequestHandler::Shared::Shared(Options given)
    : SimpleHTTPRequestHandler::Shared(std::move(given.files)),
      cgi(std::move(given)),
      root_path(std::filesystem::canonical(options.directory).string()),
      environment(environment_of(cgi)),
      user(user_of(cgi)),
      running(std::make_unique<std::atomic<std::size_t>>(0)) {
  if (root_path == "/") root_path.clear();
  for (const std::string& directory : cgi.cgi_directories) {
    cgi_directories.push_back(words_of_directory(directory));
  }
  require_interpreters(cgi.cgi_extensions);
  for (const auto& [place, application] : cgi.fastcgi_applications) {
    require_application(place, application, cgi.cgi_extensions);
    if (place.starts_with('/')) applied.push_back({words_of_directory(place), application});
  }
  if (!options.archives.empty()) {
    throw std::invalid_argument("archives of a directory would show the scripts in it");
  }
  auto shown = options.error_pages;
  shown.emplace(0, options.spa_fallback);
  for (const auto& [code, file] : shown) {
    const auto place = http::resolve_target('/' + http::percent_encode_path(file));
    if (!place || place->words.empty()) continue;
    // What is there instead of an application that is not there is no script.
    if (directory_of(*place) || is_script_name(place->words.back())) {
      throw std::invalid_argument(http::repr(file) + " is a script and cannot be shown as a page");
    }
  }
}

CGIHTTPRequestHandler::Shared::~Shared() = default;

const std::string* CGIHTTPRequestHandler::Shared::interpreter_of(std::string_view name) const {
  for (const auto& [suffix, interpreter] : cgi.cgi_extensions) {
    if (has_suffix(name, suffix)) return &interpreter;
  }
  return nullptr;
}

const Address* CGIHTTPRequestHandler::Shared::application_of(std::string_view name) const {
  for (const auto& [suffix, application] : cgi.fastcgi_applications) {
    if (suffix.starts_with('.') && has_suffix(name, suffix)) return &application;
  }
  return nullptr;
}

bool CGIHTTPRequestHandler::Shared::is_script_name(std::string_view name) const {
  return interpreter_of(name) != nullptr || application_of(name) != nullptr;
}

const CGIHTTPRequestHandler::Shared::Applied* CGIHTTPRequestHandler::Shared::applied_to(
    const http::TargetPath& place) const {
  const Applied* longest = nullptr;
  for (const Applied& one : applied) {
    const bool longer = longest == nullptr || one.words.size() > longest->words.size();
    if (longer && http::covers(one.words, place.words)) longest = &one;
  }
  return longest;
}

std::optional<std::size_t> CGIHTTPRequestHandler::Shared::directory_of(
    const http::TargetPath& place) const {
  for (const auto& directory : cgi_directories) {
    const bool inside = place.words.size() > directory.size() || place.trailing_slash;
    if (inside && http::covers(directory, place.words)) return directory.size();
  }
  return std::nullopt;
}

bool CGIHTTPRequestHandler::Shared::is_script(const http::TargetPath& place) const {
  return applied_to(place) != nullptr || directory_of(place) || is_script_name(place.words.back());
}

}  // namespace socketserver
