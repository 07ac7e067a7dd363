#include "engine.hpp"

#include <algorithm>
#include <array>

namespace socketserver::tool {
namespace {

struct Entry {
  std::string_view name;
  Engine engine;
  bool has_workers;
};

constexpr std::array kEngines = {
    Entry{"sync", Engine::sync, false},      Entry{"thread", Engine::thread, false},
    Entry{"pool", Engine::pool, true},       Entry{"fork", Engine::fork, false},
    Entry{"prefork", Engine::prefork, true}, Entry{"fiber", Engine::fiber, true},
};

}  // namespace

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  names.reserve(kEngines.size());
  for (const Entry& entry : kEngines) names.emplace_back(entry.name);
  return names;
}

Engine engine_named(std::string_view name) {
  const auto entry = std::ranges::find(kEngines, name, &Entry::name);
  if (entry != kEngines.end()) return entry->engine;
  throw std::invalid_argument("no engine has the name " + std::string(name));
}

bool has_workers(Engine engine) {
  return std::ranges::find(kEngines, engine, &Entry::engine)->has_workers;
}

}  // namespace socketserver::tool
