#include "tests/soak/load.hpp"

#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/error.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>

namespace socketserver::soak {
namespace {

constexpr unsigned kKinds = 64;
constexpr std::size_t kShort = 20;
constexpr std::size_t kLong = 60'000;

// Packets may be lost, also on this machine: when a socket has no room for them.
constexpr Duration kLost = std::chrono::milliseconds(200);
constexpr int kTries = 100;

/// Sends until the packet comes back. Those before it may come twice, when they were only late.
bool ask(testing::DatagramClient& client, const std::string& packet) {
  for (int tries = 0; tries < kTries; ++tries) {
    client.send(packet);
    try {
      while (client.receive() != packet) {
      }
      return true;
    } catch (const TimeoutError&) {
      // Lost; again.
    }
  }
  return false;
}

}  // namespace

Load::Load(Address server, SocketType type, unsigned clients)
    : server_(std::move(server)), type_(type) {
  for (unsigned i = 0; i < clients; ++i) clients_.emplace_back([this, i] { run(i); });
}

void Load::run(unsigned seed) noexcept {
  std::minstd_rand random(seed + 1);
  std::uniform_int_distribution<unsigned> kind(0, kKinds - 1);
  try {
    while (!ending_ && !failed_) {
      type_ == SocketType::stream ? connect(kind(random)) : send_packets(kind(random));
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    failed_ = true;
  }
}

void Load::connect(unsigned kind) {
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
    exchange_lines(5, kLong);
  } else if (kind < 10) {
    exchange_lines(1000, kShort);
  } else {
    exchange_lines(1 + kind % 8, kShort);
  }
}

void Load::exchange_lines(unsigned times, std::size_t size) {
  testing::RawClient client(server_);
  const std::string line = std::string(size - 1, 'x') + '\n';
  for (unsigned i = 0; i < times && !ending_; ++i) {
    const auto sent = Deadline::Clock::now();
    client.send(line);
    if (client.read(size) != line) throw std::runtime_error("a line came back changed");
    answered(sent, size);
  }
}

void Load::send_packets(unsigned kind) {
  if (kind == 0) {
    testing::DatagramClient(server_).send("");
  } else if (kind == 1) {
    testing::DatagramClient deaf(server_);
    for (int i = 0; i < 100; ++i) deaf.send("who leaves before the answer");
  } else if (kind < 6) {
    exchange_packets(5, kLong);
  } else if (kind < 10) {
    exchange_packets(1000, kShort);
  } else {
    exchange_packets(1 + kind % 8, kShort);
  }
}

void Load::exchange_packets(unsigned times, std::size_t size) {
  testing::DatagramClient client(server_, testing::DatagramClient::Name::bound, kLost);
  for (unsigned i = 0; i < times && !ending_; ++i) {
    std::string packet = std::to_string(i) + ' ';
    packet.resize(size, 'x');
    const auto sent = Deadline::Clock::now();
    if (!ask(client, packet)) throw std::runtime_error("a packet was not answered");
    answered(sent, size);
  }
}

void Load::answered(Deadline::Clock::time_point sent, std::size_t size) {
  ++requests_;
  if (size > kShort) return;
  const std::lock_guard lock(mutex_);
  latencies_.record(Deadline::Clock::now() - sent, 1);
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
