#include "store_handler.hpp"

namespace socketserver::tool {

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
