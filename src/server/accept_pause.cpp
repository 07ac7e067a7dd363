#include "server/accept_pause.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include <socketserver/base/error.hpp>

namespace socketserver::detail {
namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(50);
constexpr Duration kLongestPause = std::chrono::seconds(1);

UniqueFd open_reserve() noexcept {
  return UniqueFd(::eventfd(0, EFD_CLOEXEC));  // which needs no /dev
}

bool is_shortage(const std::error_code& code) {
  return code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system || code == std::errc::no_buffer_space ||
         code == std::errc::not_enough_memory;
}

}  // namespace

AcceptPause::AcceptPause() : reserve_(open_reserve()), pause_(kFirstPause) {}

std::optional<std::string> AcceptPause::failed(const std::error_code& code, Socket& listener) {
  if (!is_shortage(code)) return std::nullopt;
  const bool begins = !pausing_;
  shed(listener);
  pausing_ = true;
  until_ = Deadline::after(pause_);
  pause_ = std::min(pause_ * 2, kLongestPause);
  if (!begins) return std::nullopt;
  return "accept: " + code.message() + "; accepting pauses until there is room again";
}

void AcceptPause::no_worker(const std::error_code& code) noexcept {
  if (!is_shortage(code) && code != std::errc::resource_unavailable_try_again) return;
  pausing_ = true;
  until_ = Deadline::after(pause_);
}

void AcceptPause::succeeded() noexcept {
  pausing_ = false;
  pause_ = kFirstPause;
}

void AcceptPause::shed(Socket& listener) {
  if (!reserve_) {
    reserve_ = open_reserve();
    return;
  }
  reserve_.reset();
  try {
    listener.accept();
  } catch (const std::exception&) {
    // Gone by itself, or somebody else took the descriptor, or there is no memory either.
  }
  reserve_ = open_reserve();
}

}  // namespace socketserver::detail
