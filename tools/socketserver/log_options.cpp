#include "log_options.hpp"

#include <syslog.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <stdexcept>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

const std::map<std::string, LogFormat> kFormats = {
    {"python", LogFormat::python},
    {"common", LogFormat::common},
    {"combined", LogFormat::combined},
    {"json", LogFormat::json},
};

// `kern` is the kernel's alone.
const std::map<std::string, int> kFacilities = {
    {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV}, {"cron", LOG_CRON},
    {"daemon", LOG_DAEMON}, {"ftp", LOG_FTP},           {"local0", LOG_LOCAL0},
    {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},     {"local3", LOG_LOCAL3},
    {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},     {"local6", LOG_LOCAL6},
    {"local7", LOG_LOCAL7}, {"lpr", LOG_LPR},           {"mail", LOG_MAIL},
    {"news", LOG_NEWS},     {"syslog", LOG_SYSLOG},     {"user", LOG_USER},
    {"uucp", LOG_UUCP},
};

/// What is wrong with it; "": nothing.
std::string problem_with_format(const std::string& text) {
  if (kFormats.contains(text)) return {};
  if (text.find('$') == text.npos) {
    std::string names;
    for (const auto& [name, format] : kFormats) names += name + ", ";
    return in_quotes(text) + " is neither " + names + "nor has it $variables";
  }
  try {
    const LogPattern pattern(text);
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

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
                  "Access log: combined, common, json with times, python, or a text with "
                  "$variables: '$remote_addr \"$request\" $status'")
      ->type_name("FORMAT")
      ->check(CLI::Validator([](std::string& text) { return problem_with_format(text); },
                             "{combined,common,json,python}"))
      ->capture_default_str();
  CLI::Option* const file =
      command
          .add_option("--log-file", file_,
                      "File to append to instead of standard error; opened anew on USR1 and HUP")
          ->type_name("FILE");
  CLI::Option* const syslog = add_optional_value(command, "--syslog", "FACILITY", syslog_, "daemon",
                                                 "Log to the system's log, as this facility")
                                  ->check(CLI::IsMember(kFacilities))
                                  ->excludes(file);
  command.add_flag("--journal", journal_, "Log to the journal of systemd")
      ->excludes(file)
      ->excludes(syslog);
  command
      .add_option("--log-socket", socket_,
                  "Where --syslog or --journal is, instead of /dev/log or systemd's")
      ->type_name("FILE");
  command.add_option("--log-color", color_, "Color the log: auto (on a terminal), always, never")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

LogSettings LogOptions::settings() const {
  LogSettings settings{.file = file_, .service = service()};
  if (const auto known = kFormats.find(format_); known != kFormats.end()) {
    settings.format = known->second;
  } else {
    settings.format = LogFormat::pattern;
    settings.pattern.emplace(format_);
  }
  if (verbose_) settings.least = LogLevel::debug;
  if (quiet_) settings.least = LogLevel::warning;
  const bool is_known = settings.format != LogFormat::json && settings.format != LogFormat::pattern;
  const bool by_itself = file_.empty() && !settings.service && is_known &&
                         ::isatty(STDERR_FILENO) != 0 && !dislikes_color();
  settings.colored = color_ == "always" || (color_ == "auto" && by_itself);
  return settings;
}

std::optional<LogServiceSettings> LogOptions::service() const {
  if (!journal_ && syslog_.empty()) {
    if (socket_.empty()) return std::nullopt;
    throw CLI::ValidationError("--log-socket", "needs --syslog or --journal");
  }
  if (color_ == "always") throw CLI::ValidationError("--log-color", "is for terminals and files");
  if (journal_) return LogServiceSettings{.protocol = LogProtocol::journal, .path = socket_};
  return LogServiceSettings{.facility = kFacilities.at(syslog_), .path = socket_};
}

}  // namespace socketserver::tool
