#include "store_handler.hpp"

#include <socketserver/base/scope_exit.hpp>

namespace socketserver::tool {

void StoreHandler::handle_one_request() {
  if (progress() == nullptr) return FileHandler::handle_one_request();
  const ScopeExit end([this]() noexcept { counted_.reset(); });
  FileHandler::handle_one_request();
}

Reader& StoreHandler::rfile() {
  Reader& plain = FileHandler::rfile();
  if (progress() == nullptr) return plain;
  if (!counted_) {
    const auto length = headers().get("Content-Length");
    counted_.emplace(*progress(), shown_name(), length ? as_size(*length) : std::nullopt);
  }
  return counted_->reader(plain);
}

bool StoreHandler::may_write_to(const http::TargetPath& place) {
  return admit_to(place.words);
}

bool StoreHandler::offers_changes(const http::TargetPath& place) const {
  return !has_accounts() || may_pass(judge(place.words, true));
}

std::string StoreHandler::location_of(std::span<const std::string> words) const {
  return prefix() + FileHandler::location_of(words);
}

}  // namespace socketserver::tool
