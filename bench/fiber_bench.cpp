// What a fiber costs by itself: to begin and end one, and to switch between two.

#include <benchmark/benchmark.h>

#include <socketserver/fiber/scheduler.hpp>

namespace socketserver {
namespace {

// As many as begin between two looks for events on a busy server.
constexpr int kFibers = 64;

/// A handler that never waits, called directly: what the next one is to be compared with.
void calling(benchmark::State& state) {
  long served = 0;
  for (auto _ : state) {
    for (int i = 0; i < kFibers; ++i) {
      auto handler = [&served] { benchmark::DoNotOptimize(++served); };
      handler();
    }
  }
  state.SetItemsProcessed(state.iterations() * kFibers);
}
BENCHMARK(calling);

/// The same on a fiber of its own each time, one after the other as requests come.
void being_a_fiber(benchmark::State& state) {
  Scheduler scheduler;
  long served = 0;
  for (auto _ : state) {
    for (int i = 0; i < kFibers; ++i) {
      scheduler.spawn([&served] { benchmark::DoNotOptimize(++served); });
    }
    while (scheduler.fibers() > 0) {
      scheduler.run_until_ready(Deadline::after(Duration::zero()));
    }
  }
  state.SetItemsProcessed(state.iterations() * kFibers);
}
BENCHMARK(being_a_fiber);

/// One switch from a fiber to the next, by way of the loop.
void switching(benchmark::State& state) {
  Scheduler scheduler;
  bool done = false;
  long switches = 0;
  for (int i = 0; i < 2; ++i) {
    scheduler.spawn([&] {
      while (!done) {
        ++switches;
        scheduler.yield();
      }
    });
  }
  for (auto _ : state) scheduler.run_until_ready(Deadline::after(Duration::zero()));
  state.SetItemsProcessed(switches);
  done = true;
}
BENCHMARK(switching);

}  // namespace
}  // namespace socketserver
