#include "cgi_options.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/net/address.hpp>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

constexpr std::uint64_t kMostProcesses = 1'000'000;

std::uint64_t parse_processes(const std::string& name, std::string_view text) {
  return parse_number(name, text, 0, kMostProcesses);
}

const std::map<std::string, std::string> kUsualPrograms = {
    {".php", "php-cgi"}, {".pl", "perl"}, {".py", "python3"}, {".rb", "ruby"}, {".sh", "sh"},
};

/// The absolute path of a program that is named by a path, or by a name as shells look it up.
std::string find_program(const std::string& name) {
  std::error_code ec;
  if (name.find('/') != name.npos) return std::filesystem::absolute(name, ec).native();
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  for (bool more = true; more;) {
    const std::size_t colon = rest.find(':');
    more = colon != rest.npos;
    const auto file = std::filesystem::path(rest.substr(0, colon)) / name;
    if (more) rest.remove_prefix(colon + 1);
    if (!file.is_absolute() || !std::filesystem::is_regular_file(file, ec)) continue;
    if (::access(file.c_str(), X_OK) == 0) return file.native();
  }
  throw_os_error(std::make_error_code(std::errc::no_such_file_or_directory), "interpreter " + name);
}

/// "EXT=PROGRAM", or "EXT" for a suffix whose program everybody knows.
std::pair<std::string, std::string> parse_extension(const std::string& text) {
  if (text.find('=') != text.npos) {
    const auto [suffix, program] = parse_pair("--cgi-ext", text, '=');
    return {as_suffix(suffix), find_program(program)};
  }
  const auto usual = kUsualPrograms.find(as_suffix(text));
  if (usual != kUsualPrograms.end()) return {usual->first, find_program(usual->second)};
  throw CLI::ValidationError("--cgi-ext",
                             "must name the program that runs such files, " + text + "=PROGRAM");
}

/// "/PATH=ADDRESS" or ".EXT=ADDRESS", as `FileHandlerOptions::cgi` has it.
std::pair<std::string, Address> parse_application(const std::string& text) {
  auto [place, address] = parse_pair("--fastcgi", text, '=');
  if (!place.starts_with('/') && !place.starts_with('.')) {
    throw CLI::ValidationError("--fastcgi",
                               "must begin with a path or a suffix, /" + text + " or ." + text);
  }
  try {
    Address parsed = Address::parse(address);
    const std::string path(parsed.path());
    if (!path.empty() && path.front() != '\0') {
      // It stays the same when the working directory changes.
      parsed = Address::unix_path(std::filesystem::absolute(path).native());
    }
    return {std::move(place), std::move(parsed)};
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--fastcgi", error.what());
  }
}

/// A directory that the options name must be there, or they would do nothing: OSError.
std::string parse_directory(const FileHandlerOptions& options, const std::string& name) {
  const auto relative = std::filesystem::path(name).relative_path();
  const auto path = std::filesystem::path(options.files.directory) / relative;
  if (type_of(path, "--cgi: " + in_quotes(name)) != std::filesystem::file_type::directory) {
    throw CLI::ValidationError("--cgi", in_quotes(name) + " is no directory");
  }
  return '/' + relative.native();
}

/// What can only be a mistake beside scripts.
void refuse_combinations(const char* name, const FileHandlerOptions& options) {
  const FileStoreOptions& store = options.store;
  if (store.upload || store.make_directories || store.remove) {
    throw CLI::ValidationError(
        name, "whoever may change files could run programs: no --upload, --mkdir or --delete");
  }
  if (!options.files.archives.empty()) {
    throw CLI::ValidationError(name, "an archive would show the scripts: no --archive");
  }
  const auto is_path = [](const auto& application) { return application.first.starts_with('/'); };
  const bool has_paths = !options.cgi.cgi_directories.empty() ||
                         std::ranges::any_of(options.cgi.fastcgi_applications, is_path);
  if (!options.only_file.empty() && has_paths) {
    throw CLI::ValidationError(name, "needs a directory, not one file");
  }
}

}  // namespace

CgiOptions::CgiOptions(CLI::App& command) {
  command
      .add_flag("--cgi{true}", directories_,
                "Run what is below cgi-bin and htbin, or below DIR; may come again")
      ->type_name("[=DIR]");
  add_repeatable(command, "--cgi-ext", extensions_,
                 "Run files of this suffix, anywhere, by a program; of itself known for .php, .pl, "
                 ".py, .rb and .sh; may come again")
      ->type_name("EXT[=PROGRAM]");
  add_repeatable(
      command, "--fastcgi", applications_,
      "Pass what is below /PATH, or files of the suffix .EXT, to the FastCGI application "
      "at unix:/SOCKET or HOST:PORT; may come again")
      ->type_name("PREFIX=ADDRESS");
  CLI::Option* const processes = command.add_option(
      "--cgi-processes", processes_, "Scripts, and requests to --fastcgi, at once; 0: any number");
  check_at_once(processes->type_name("N")->default_str("64"), parse_processes);
}

void CgiOptions::apply(FileHandlerOptions& options, Limits& limits) const {
  if (!processes_.empty()) {
    limits.cgi_processes = parse_processes("--cgi-processes", processes_);
  }
  if (!runs_scripts()) return;
  for (const std::string& name : directories_) {
    if (name == kFlagAlone) {
      const auto usual = CGIHTTPOptions().cgi_directories;
      options.cgi.cgi_directories.insert(options.cgi.cgi_directories.end(), usual.begin(),
                                         usual.end());
    } else {
      options.cgi.cgi_directories.push_back(parse_directory(options, name));
    }
  }
  for (const std::string& text : applications_) {
    const auto [place, address] = parse_application(text);
    options.cgi.fastcgi_applications[place] = address;
  }
  const char* const name = directories_.empty() && extensions_.empty() ? "--fastcgi" : "--cgi";
  refuse_combinations(name, options);
  for (const std::string& text : extensions_) {
    const auto [suffix, program] = parse_extension(text);
    options.cgi.cgi_extensions[suffix] = program;
  }
  try {
    // What else cannot be is known to the library.
    CGIHTTPOptions all = options.cgi;
    all.files = options.files;
    const CGIHTTPRequestHandler::Shared checked(std::move(all));
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError(name, error.what());
  }
}

}  // namespace socketserver::tool
