#pragma once

#include <gtest/gtest.h>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include <socketserver/server/prefork_mixin.hpp>
#include <socketserver/server/servers.hpp>

namespace socketserver::matrix {

/// Where an engine runs the handlers.
enum class Worker {
  serving_thread,  // the one that accepts: one request at a time
  thread,          // other threads
  fiber,           // the one that accepts too, but many at once
  child,           // a process for each request
  worker_process,  // a process that accepts too: one request at a time
};

// The engines. A new one is a struct here and its name in a list below.

struct Plain {
  template <class Transport>
  using On = Transport;
  static constexpr std::string_view kName = "";
  static constexpr Worker kWorker = Worker::serving_thread;
};

struct Threading {
  template <class Transport>
  using On = ThreadingMixIn<Transport>;
  static constexpr std::string_view kName = "Threading";
  static constexpr Worker kWorker = Worker::thread;
};

struct ThreadPool {
  template <class Transport>
  using On = ThreadPoolMixIn<Transport>;
  static constexpr std::string_view kName = "ThreadPool";
  static constexpr Worker kWorker = Worker::thread;
};

struct Fiber {
  template <class Transport>
  using On = FiberMixIn<Transport>;
  static constexpr std::string_view kName = "Fiber";
  static constexpr Worker kWorker = Worker::fiber;
};

struct Forking {
  template <class Transport>
  using On = ForkingMixIn<Transport>;
  static constexpr std::string_view kName = "Forking";
  static constexpr Worker kWorker = Worker::child;
};

struct Prefork {
  template <class Transport>
  using On = PreforkMixIn<Transport>;
  static constexpr std::string_view kName = "Prefork";
  static constexpr Worker kWorker = Worker::worker_process;
};

struct PreforkFiber {
  template <class Transport>
  using On = PreforkMixIn<FiberMixIn<Transport>>;
  static constexpr std::string_view kName = "PreforkFiber";
  static constexpr Worker kWorker = Worker::fiber;
};

/// One transport under one engine.
template <class TransportServer, class Engine>
struct Cell {
  using Transport = TransportServer;
  using Server = typename Engine::template On<Transport>;

  static constexpr Worker kWorker = Engine::kWorker;
  static constexpr bool kDatagrams = std::derived_from<Transport, UDPServer>;
  static constexpr bool kUnix = std::derived_from<Transport, UnixStreamServer> ||
                                std::derived_from<Transport, UnixDatagramServer>;
  static constexpr bool kConcurrent =
      kWorker != Worker::serving_thread && kWorker != Worker::worker_process;
  static constexpr bool kPreforks = Server::kPreforks;  // other processes serve
  static constexpr bool kForks = kWorker == Worker::child;
  static constexpr bool kPools = Engine::kName == ThreadPool::kName;

  static std::string name() {
    const std::string family = kUnix ? "Unix" : kDatagrams ? "UDP" : "TCP";
    const std::string kind = !kUnix ? "" : kDatagrams ? "Datagram" : "Stream";
    return std::string(Engine::kName) + family + kind + "Server";
  }
};

template <class... Engine>
struct EngineList {
  template <class... More>
  using With = EngineList<More..., Engine...>;

  using OnStreams = ::testing::Types<Cell<TCPServer, Engine>..., Cell<UnixStreamServer, Engine>...>;
  using OnIp = ::testing::Types<Cell<TCPServer, Engine>..., Cell<UDPServer, Engine>...>;
  using OnEverything =
      ::testing::Types<Cell<TCPServer, Engine>..., Cell<UDPServer, Engine>...,
                       Cell<UnixStreamServer, Engine>..., Cell<UnixDatagramServer, Engine>...>;
};

using ConcurrentEngines = EngineList<Threading, ThreadPool, Fiber, PreforkFiber, Forking>;
using Engines = ConcurrentEngines::With<Plain, Prefork>;

using Cells = Engines::OnEverything;
using StreamCells = Engines::OnStreams;
using ConcurrentStreamCells = ConcurrentEngines::OnStreams;
using IpCells = Engines::OnIp;

/// Names the cells in the names of tests, for TYPED_TEST_SUITE.
struct CellNames {
  template <class Cell>
  static std::string GetName(int) {
    return Cell::name();
  }
};

}  // namespace socketserver::matrix
