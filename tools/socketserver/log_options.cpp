#include "log_options.hpp"

#include <unistd.h>

#include <cstdlib>
#include <map>

namespace socketserver::tool {
namespace {

const std::map<std::string, LogFormat> kFormats = {
    {"python", LogFormat::python},
    {"common", LogFormat::common},
    {"combined", LogFormat::combined},
    {"json", LogFormat::json},
};

/// https://no-color.org: whatever it is set to.
bool dislikes_color() {
  const char* const value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

}  // namespace

LogOptions::LogOptions(CLI::App& command) {
  CLI::Option* const verbose =
      command.add_flag("-v,--verbose", verbose_, "Log also what is of interest to find faults");
  command.add_flag("-q,--quiet", quiet_, "Log warnings and errors only")->excludes(verbose);
  command
      .add_option("--log-format", format_,
                  "Access log: python, common, combined, or json with sizes and times")
      ->type_name("FORMAT")
      ->check(CLI::IsMember(kFormats))
      ->capture_default_str();
  command
      .add_option("--log-file", file_,
                  "File to append to instead of standard error; opened anew on USR1 and HUP")
      ->type_name("FILE");
  command.add_option("--log-color", color_, "Color the log: auto (on a terminal), always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

LogSettings LogOptions::settings() const {
  LogSettings settings{.format = kFormats.at(format_), .file = file_};
  if (verbose_) settings.least = LogLevel::debug;
  if (quiet_) settings.least = LogLevel::warning;
  const bool by_itself = file_.empty() && settings.format != LogFormat::json &&
                         ::isatty(STDERR_FILENO) != 0 && !dislikes_color();
  settings.colored = color_ == "always" || (color_ == "auto" && by_itself);
  return settings;
}

}  // namespace socketserver::tool
