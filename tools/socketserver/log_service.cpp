#include "log_service.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <socketserver/base/error.hpp>

#include "privileges.hpp"

namespace socketserver::tool {
namespace {

constexpr const char* kIdentifier = "socketserver";
constexpr const char* kSyslogSocket = "/dev/log";
constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

int severity(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return LOG_DEBUG;
    case LogLevel::info:
      return LOG_INFO;
    case LogLevel::warning:
      return LOG_WARNING;
    case LogLevel::error:
      return LOG_ERR;
  }
  return LOG_INFO;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  if (value.find('\n') == value.npos) {
    out += '=';
  } else {
    // A value of several lines has its size before it, the lowest byte first.
    constexpr unsigned kByte = 8;
    out += '\n';
    std::uint64_t size = value.size();
    for (std::size_t i = 0; i < sizeof size; ++i, size >>= kByte) {
      out += static_cast<char>(size & 0xff);
    }
  }
  out.append(value).append("\n");
}

}  // namespace

LogService::LogService(const LogServiceSettings& settings) : settings_(settings) {
  if (settings_.path.empty()) {
    settings_.path = settings_.protocol == LogProtocol::journal ? kJournalSocket : kSyslogSocket;
  }
  socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_) throw_os_error(last_error(), "socket");
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (const auto ec = connect()) throw_os_error(ec, "connect " + settings_.path);
}

std::error_code LogService::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = settings_.path;
  if (path.size() >= sizeof address.sun_path) {
    return std::make_error_code(std::errc::filename_too_long);
  }
  std::memcpy(static_cast<char*>(address.sun_path), path.data(), path.size());
  const auto* const place = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(socket_.get(), place, sizeof address) == 0 ? std::error_code() : last_error();
}

void LogService::enter_root(const std::string& root) {
  const auto name = name_beneath(root, settings_.path);
  is_outside_ = !name;
  if (name) settings_.path = *name;
}

std::error_code LogService::send(LogLevel level, std::string_view text) {
  // One datagram must hold it, which is what the kernel bounds; clients decide how long lines are.
  constexpr std::size_t kMost = 64 << 10;
  std::string shortened;
  if (text.size() > kMost) text = shortened = std::string(text.substr(0, kMost)) + "...";
  if (settings_.protocol == LogProtocol::journal) return send_one(journal_datagram(level, text));
  const std::int64_t now = std::time(nullptr);
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    if (line.empty()) continue;
    if (const auto ec = send_one(syslog_datagram(settings_.facility, level, now, line))) return ec;
  }
  return {};
}

std::error_code LogService::send_one(std::string_view datagram) {
  for (bool anew = false;;) {
    const int flags = MSG_NOSIGNAL | (patient_ ? 0 : MSG_DONTWAIT);
    if (::send(socket_.get(), datagram.data(), datagram.size(), flags) >= 0) {
      patient_ = true;
      return {};
    }
    const std::error_code ec = last_error();
    if (ec == std::errc::interrupted) continue;
    if (ec == std::errc::operation_would_block) patient_ = false;
    const bool has_ended = ec == std::errc::connection_refused ||
                           ec == std::errc::connection_reset || ec == std::errc::not_connected;
    if (!has_ended || is_outside_ || std::exchange(anew, true)) return ec;
    if (const auto gone = connect()) return gone;
  }
}

std::string syslog_datagram(int facility, LogLevel level, std::int64_t time,
                            std::string_view text) {
  const std::time_t seconds = time;
  std::tm fields{};
  std::array<char, 32> date{};
  ::localtime_r(&seconds, &fields);
  const std::size_t size = std::strftime(date.data(), date.size(), "%b %e %H:%M:%S", &fields);
  std::string out = '<' + std::to_string(facility | severity(level)) + '>';
  out.append(date.data(), size).append(" ").append(kIdentifier);
  out += '[' + std::to_string(::getpid()) + "]: ";
  return out.append(text);
}

std::string journal_datagram(LogLevel level, std::string_view text) {
  std::string out;
  append_field(out, "PRIORITY", std::to_string(severity(level)));
  append_field(out, "SYSLOG_IDENTIFIER", kIdentifier);
  append_field(out, "MESSAGE", text);
  return out;
}

}  // namespace socketserver::tool
