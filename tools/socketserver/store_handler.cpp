#include "store_handler.hpp"

namespace socketserver::tool {

bool StoreHandler::may_write() {
  if (!has_accounts()) return true;
  const auto place = translate_path(path());
  return !place || may_pass(judge(place->words, true));
}

std::string StoreHandler::location_of(std::span<const std::string> words) const {
  return prefix() + FileHandler::location_of(words);
}

}  // namespace socketserver::tool
