#include "tests/soak/load.hpp"

#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/testing/raw_client.hpp>

namespace socketserver::soak {
namespace {

constexpr unsigned kKinds = 64;
constexpr std::size_t kShort = 20;

}  // namespace

Load::Load(Address server, unsigned clients) : server_(std::move(server)) {
  for (unsigned i = 0; i < clients; ++i) clients_.emplace_back([this, i] { run(i); });
}

void Load::run(unsigned seed) noexcept {
  std::minstd_rand random(seed + 1);
  std::uniform_int_distribution<unsigned> kind(0, kKinds - 1);
  try {
    while (!ending_ && !failed_) visit(kind(random));
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    failed_ = true;
  }
}

void Load::visit(unsigned kind) {
  if (kind == 0) {
    testing::RawClient silent(server_);
  } else if (kind == 1) {
    testing::RawClient rude(server_);
    rude.send("half a li");
    rude.reset();
  } else if (kind == 2) {
    testing::RawClient deaf(server_);
    deaf.send(std::string(100, '\n'));
  } else if (kind < 6) {
    exchange(5, 60'000);
  } else if (kind < 10) {
    exchange(1000, kShort);
  } else {
    exchange(1 + kind % 8, kShort);
  }
}

void Load::exchange(unsigned times, std::size_t size) {
  testing::RawClient client(server_);
  const std::string line = std::string(size - 1, 'x') + '\n';
  for (unsigned i = 0; i < times && !ending_; ++i) {
    const auto sent = Deadline::Clock::now();
    client.send(line);
    if (client.read(size) != line) throw std::runtime_error("a line came back changed");
    ++requests_;
    if (size > kShort) continue;
    const std::lock_guard lock(mutex_);
    latencies_.record(Deadline::Clock::now() - sent, 1);
  }
}

bench::Histogram Load::take_latencies() {
  const std::lock_guard lock(mutex_);
  return std::exchange(latencies_, bench::Histogram());
}

void Load::end() noexcept {
  ending_ = true;
  clients_.clear();
}

void Load::finish() {
  end();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace socketserver::soak
