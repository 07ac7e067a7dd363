#include "rate_limit.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <new>
#include <optional>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/net/network.hpp>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

using std::chrono::nanoseconds;

/// A number that no client knows.
std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) {
    throw_os_error(last_error(), "getrandom");
  }
  return number;
}

/// Spreads all bits over all bits, one to one (the finalizer of MurmurHash3).
std::uint64_t spread(std::uint64_t x) noexcept {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
  return x ^ x >> 33;
}

/// A number for each client; none for who has no address.
std::optional<std::uint64_t> key_of(const Address& client) {
  const std::string bytes = client_key(client);
  if (bytes.empty()) return std::nullopt;
  // A network of IPv6 is its own number. Nobody comes from ::/8, where those of IPv4 have their
  // place; few on a link have the number of another one.
  std::uint64_t key = bytes.size() < sizeof key ? 1 : 0;
  for (const char byte : bytes) key = std::rotl(key, 8) ^ static_cast<std::uint8_t>(byte);
  return key;
}

/// Holds a mutex of several processes for a scope.
class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) noexcept : mutex_(mutex) {
    // Its owner was killed: whatever it left behind is a table as good as any.
    if (::pthread_mutex_lock(&mutex_) == EOWNERDEAD) ::pthread_mutex_consistent(&mutex_);
  }
  ~Lock() { ::pthread_mutex_unlock(&mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

}  // namespace

Rate parse_rate(const std::string& name, std::string_view text) {
  constexpr std::uint64_t kMost = 1'000'000;
  constexpr std::string_view kBurst = ",burst=";
  const std::size_t comma = text.find(kBurst);
  const std::string_view rate = text.substr(0, comma);
  const std::size_t slash = rate.find('/');
  const std::string_view unit = slash == rate.npos ? "" : rate.substr(slash + 1);
  Duration span = std::chrono::seconds(1);
  if (unit == "m") {
    span = std::chrono::minutes(1);
  } else if (unit == "h") {
    span = std::chrono::hours(1);
  } else if (unit != "s") {
    throw CLI::ValidationError(
        name, "must be a rate such as 10/s, 600/m or 10/s,burst=50, not " + in_quotes(text));
  }
  const std::uint64_t requests = parse_number(name, rate.substr(0, slash), 1, kMost);
  const std::uint64_t burst =
      comma == text.npos ? requests
                         : parse_number(name, text.substr(comma + kBurst.size()), 1, kMost);
  return {.interval = span / static_cast<Duration::rep>(requests), .burst = burst};
}

/// What all processes share. A client may be in any place of its set.
struct RateLimit::Table {
  struct Client {
    std::uint64_t key;
    // When its bucket is full again, in nanoseconds of the clock. One that is full is as good as
    // none.
    std::int64_t full_at;
  };
  using Set = std::array<Client, 8>;

  pthread_mutex_t mutex;

  static std::size_t size(std::size_t sets) noexcept { return sizeof(Table) + sets * sizeof(Set); }

  /// They lie behind the mutex.
  Set& set(std::size_t index) noexcept { return reinterpret_cast<Set*>(this + 1)[index]; }
};

RateLimit::RateLimit(Rate rate, std::size_t most_clients)
    : rate_(rate),
      sets_(std::max<std::size_t>(1, most_clients / std::tuple_size_v<Table::Set>)),
      secret_(random_number()),
      table_(map_table(sets_)) {}

RateLimit::~RateLimit() = default;

std::unique_ptr<RateLimit::Table, RateLimit::Unmap> RateLimit::map_table(std::size_t sets) {
  const std::size_t size = Table::size(sets);
  void* const pages =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw_os_error(last_error(), "mmap");
  // As mapped it is full of zeros: clients that are none.
  std::unique_ptr<Table, Unmap> table(static_cast<Table*>(pages), Unmap{size});
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ::pthread_mutex_init(&table->mutex, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
  return table;
}

void RateLimit::Unmap::operator()(Table* table) const noexcept {
  ::munmap(table, size);
}

Duration RateLimit::count(const Address& client, Time now) {
  const auto key = key_of(client);
  if (!key) return Duration::zero();
  const std::int64_t at = nanoseconds(now.time_since_epoch()).count();
  Table::Set& set = table_->set(spread(*key ^ secret_) % sets_);

  const Lock lock(table_->mutex);
  auto place = std::ranges::find(set, *key, &Table::Client::key);
  const bool known = place != set.end();
  if (!known) place = std::ranges::min_element(set, {}, &Table::Client::full_at);
  const std::int64_t full_at = known ? std::max(place->full_at, at) : at;
  // What is missing in the bucket comes back one request after the other.
  const Duration missing(full_at - at);
  const Duration most = rate_.interval * static_cast<Duration::rep>(rate_.burst - 1);
  if (missing > most) return missing - most;
  *place = {.key = *key, .full_at = full_at + rate_.interval.count()};
  return Duration::zero();
}

}  // namespace socketserver::tool
