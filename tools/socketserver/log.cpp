#include "log.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <ctime>
#include <filesystem>
#include <new>
#include <system_error>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/text.hpp>

#include "privileges.hpp"
#include "write_all.hpp"

namespace socketserver::tool {
namespace {

// How often a signal has asked to open the file anew. Shared with child processes, so that it does
// not matter which of them gets the signal.
std::atomic<unsigned>* asked = nullptr;

extern "C" void socketserver_tool_reopen(int /*signal*/) {
  if (asked != nullptr) ++*asked;
}

void watch_signals() {
  if (asked == nullptr) {
    void* const page = ::mmap(nullptr, sizeof(std::atomic<unsigned>), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw_os_error(last_error(), "mmap");
    asked = new (page) std::atomic<unsigned>(0);
  }
  struct sigaction action {};
  action.sa_handler = socketserver_tool_reopen;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGUSR1, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "";
}

std::string json_message(LogLevel level, std::string_view text) {
  const std::time_t now = std::time(nullptr);
  std::tm fields{};
  std::array<char, 32> time{};
  ::gmtime_r(&now, &fields);
  const std::size_t size = std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  return "{\"time\": \"" + std::string(time.data(), size) + "\", \"level\": \"" +
         std::string(name_of(level)) + "\", \"message\": \"" + http::escape_json(text) + "\"}";
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

Log::Log(LogSettings settings) : settings_(std::move(settings)) {
  // Paths stay the same when the working directory changes.
  if (auto& service = settings_.service) {
    if (!service->path.empty()) service->path = std::filesystem::absolute(service->path).native();
    service_.emplace(*service);
  }
  if (is_standard_error()) return;
  watch_signals();
  if (settings_.file.empty()) return;
  settings_.file = std::filesystem::absolute(settings_.file).native();
  const detail::ThreadLock lock(mutex_);
  if (!open()) throw_os_error(last_error(), "open " + settings_.file);
}

Log::~Log() {
  if (is_standard_error()) return;
  for (const int signal : {SIGUSR1, SIGHUP}) ::signal(signal, SIG_IGN);
}

void Log::enter_root(const std::string& root) {
  if (service_) service_->enter_root(root);
  if (settings_.file.empty()) return;
  const detail::ThreadLock lock(mutex_);
  const auto name = name_beneath(root, settings_.file);
  is_outside_ = !name;
  if (name) settings_.file = *name;
}

LogSink Log::sink() {
  return [this](LogLevel level, std::string_view text) { message(level, text); };
}

void Log::access(LogLevel level, std::string line) {
  if (level >= settings_.least) write(level, std::move(line));
}

void Log::message(LogLevel level, std::string_view text) {
  if (level < settings_.least) return;
  write(level, settings_.format == LogFormat::json ? json_message(level, text) : std::string(text));
}

void Log::write(LogLevel level, std::string line) {
  if (service_ && give_to_service(level, line)) return;
  if (settings_.colored) line = colored(level, line);
  line += '\n';
  if (writer_) return writer_(line);
  if (settings_.file.empty()) return write_all(STDERR_FILENO, line);
  const detail::ThreadLock lock(mutex_);
  reopen_if_asked();
  write_all(file_.get(), line);
}

bool Log::give_to_service(LogLevel level, std::string_view text) {
  const std::error_code ec = service_->send(level, text);
  if (service_takes_.exchange(!ec) && ec) {
    std::string notice = "log to " + service_->path() + ": " + ec.message() + ", so it goes here";
    if (settings_.format == LogFormat::json) notice = json_message(LogLevel::warning, notice);
    write_all(STDERR_FILENO, notice + '\n');
  }
  return !ec;
}

void Log::reopen_if_asked() {
  const bool is_asked = *asked != opened_for_;
  if (!is_asked && ::getpid() == opened_by_) return;
  if (is_outside_) {
    opened_for_ = *asked;
    opened_by_ = ::getpid();
    if (is_asked) write_all(file_.get(), settings_.file + " is outside of --chroot, and is kept\n");
    return;
  }
  // A process that has given up its privileges goes on with what it was given.
  if (!open() && is_asked) {
    const std::string problem = last_error().message();
    write_all(file_.get(), "cannot open " + settings_.file + " anew: " + problem + '\n');
  }
}

bool Log::open() {
  // First, so that a failure is not tried again with every line.
  opened_for_ = *asked;
  opened_by_ = ::getpid();
  constexpr mode_t kMode = 0640;
  UniqueFd file(::open(settings_.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode));
  if (!file) return false;
  file_ = std::move(file);
  return true;
}

std::string colored(LogLevel level, std::string_view line) {
  constexpr std::string_view kRed = "\x1b[31m";
  constexpr std::string_view kYellow = "\x1b[33m";
  constexpr std::string_view kGreen = "\x1b[32m";
  constexpr std::string_view kCyan = "\x1b[36m";
  constexpr std::string_view kEnd = "\x1b[0m";
  const auto painted = [&](std::string_view color, std::string_view text) {
    return std::string(color).append(text).append(kEnd);
  };
  if (level == LogLevel::error) return painted(kRed, line);
  if (level == LogLevel::warning) return painted(kYellow, line);
  // A status stands behind the request in quotes.
  constexpr std::string_view kBefore = "\" ";
  constexpr std::size_t kSize = 3;
  const std::size_t quote = line.find(kBefore);
  if (quote == line.npos) return std::string(line);
  const std::size_t begin = quote + kBefore.size();
  const std::string_view status = line.substr(begin, kSize);
  if (status.size() != kSize || !is_digit(status[0])) return std::string(line);
  std::string_view color = kGreen;
  if (status[0] == '3') color = kCyan;
  if (status[0] == '4') color = kYellow;
  if (status[0] == '5') color = kRed;
  return std::string(line.substr(0, begin))
      .append(painted(color, status))
      .append(line.substr(begin + kSize));
}

}  // namespace socketserver::tool
