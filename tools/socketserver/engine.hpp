#pragma once

#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/server/prefork_mixin.hpp>
#include <socketserver/server/servers.hpp>

namespace socketserver::tool {

/// The largest number that `ServerOptions::workers` is given.
inline constexpr int kMostWorkers = 1024;

/// How requests are served beside each other.
enum class Engine {
  sync,     ///< One after the other.
  thread,   ///< Each on a thread of its own.
  pool,     ///< By a number of threads.
  fork,     ///< Each in a process of its own.
  prefork,  ///< By a number of processes, each of which serves one after the other.
  fiber,    ///< Each on a fiber of its own.
};

/// What the command line calls them.
std::vector<std::string> engine_names();

/// @throws std::invalid_argument when there is none of this name.
Engine engine_named(std::string_view name);

/// Whether `ServerOptions::workers` says something to it.
bool has_workers(Engine engine);

/// A server of the class `Transport`, TCPServer for one, with an engine; `args` are for the
/// constructor of `Transport`.
template <std::derived_from<BaseServer> Transport, class... Args>
std::unique_ptr<BaseServer> make_server_with(Engine engine, Args&&... args) {
  switch (engine) {
    case Engine::sync:
      return std::make_unique<Transport>(std::forward<Args>(args)...);
    case Engine::thread:
      return std::make_unique<ThreadingMixIn<Transport>>(std::forward<Args>(args)...);
    case Engine::pool:
      return std::make_unique<ThreadPoolMixIn<Transport>>(std::forward<Args>(args)...);
    case Engine::fork:
      return std::make_unique<ForkingMixIn<Transport>>(std::forward<Args>(args)...);
    case Engine::prefork:
      return std::make_unique<PreforkMixIn<Transport>>(std::forward<Args>(args)...);
    case Engine::fiber:
      return std::make_unique<FiberMixIn<Transport>>(std::forward<Args>(args)...);
  }
  throw std::logic_error("make_server_with: no such engine");
}

}  // namespace socketserver::tool
