#include "server/parking.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include <socketserver/base/error.hpp>

#include "server/engine_access.hpp"

namespace socketserver::detail {
namespace {

// How many connections one look at the system brings.
constexpr std::size_t kEvents = 64;

/// How long a connection in the middle of a message is left alone, so that one whose bytes trickle
/// costs little: not at all at first, then no longer than about the time that it has taken so far.
Duration rest_after(unsigned parks) noexcept {
  constexpr unsigned kQuickParks = 4;
  constexpr unsigned kMostDoublings = 9;
  if (parks < kQuickParks) return Duration::zero();
  return std::chrono::milliseconds(1) * (1U << std::min(parks, kMostDoublings));
}

/// The clock of deadlines in a few bytes: differences of up to 49 days are right.
std::uint32_t clock_ms() noexcept {
  const auto now = Deadline::Clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

struct Parking::Record : TimerWheel::Timer {
  explicit Record(Request& its_request, const Address& its_client, std::uint32_t now)
      : request(std::move(its_request)), since(now), client_address(its_client) {}

  // A server has many of these: in the order that leaves no gaps.
  bool fresh = false;         // and waited for, although the server stops
  bool rests = false;         // and is not watched
  std::uint32_t dropped = 0;  // of one that lingers
  [[no_unique_address]] Request request;
  std::uint32_t since;  // as `clock_ms()` was then
  Address client_address;
};

Parking::Parking(BaseServer& server) : server_(server) {}

Parking::~Parking() {
  leave();
}

void Parking::open() {
  if (epoll_) return;
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) throw_os_error(last_error(), "epoll_create1");
  const ThreadLock lock(mutex_);
  epoll_ = std::move(epoll);
  open_ = true;
}

void Parking::await_fresh(Duration moment) {
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(moment).count();
  Deadline end = Deadline::after(Duration::zero());
  std::size_t fresh = 0;
  const ThreadLock lock(mutex_);
  const std::uint32_t now = clock_ms();
  for (const auto& record : records_) {
    if (!record || record->request.messages_served() > 0 || now - record->since > most) continue;
    ++fresh;
    record->fresh = true;
    end = Deadline::after(moment);
  }
  std::array<epoll_event, kEvents> events;
  while (fresh > 0 && !end.expired()) {
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(kEvents), end.poll_timeout());
    for (int i = 0; i < count; ++i) {
      const auto fd = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.fd);
      if (records_[fd] && std::exchange(records_[fd]->fresh, false)) --fresh;
    }
  }
}

std::vector<Parking::Parked> Parking::close() {
  std::vector<Parked> parked;
  const ThreadLock lock(mutex_);
  open_ = false;
  parked.reserve(size_);
  for (std::unique_ptr<Record>& record : records_) {
    if (record) parked.push_back(*take(std::move(record)));
  }
  Records().swap(records_);
  ready_.clear();
  ended_.clear();
  epoll_.reset();
  return parked;
}

void Parking::leave() noexcept {
  const ThreadLock lock(mutex_);
  open_ = false;
  for (std::unique_ptr<Record>& record : records_) {
    if (!record) continue;
    if (record->armed()) timers_.remove(*record);
    record.reset();
  }
  size_ = 0;
  epoll_.reset();
}

bool Parking::park(Request& request, const Address& client_address) noexcept {
  const int fd = request.fileno();
  const Deadline end = request.park_until();
  const Duration rest = rest_after(request.begun_parks());
  const bool rests = rest > Duration::zero() && rest < end.remaining();
  const Tick until = tick_of(rests ? Deadline::after(rest) : end);
  const ThreadLock lock(mutex_);
  if (!open_ || fd < 0) return false;
  try {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= records_.size()) records_.resize(index + 1);
    records_[index] = std::make_unique<Record>(request, client_address, clock_ms());
    Record& record = *records_[index];
    record.rests = rests;
    // Under the lock: whoever takes it out finds it complete.
    if (!rests && !watch(fd, record.request.messages_served() > 0)) {
      request = std::move(record.request);
      records_[index].reset();
      return false;
    }
    if (until != TimerWheel::kNever) timers_.insert(record, until);
  } catch (const std::bad_alloc&) {
    return false;
  }
  ++size_;
  if (until < sleeps_until_) EngineAccess::wake(server_);
  return true;
}

bool Parking::watch(int fd, bool again) noexcept {
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data = {.fd = fd}};
  const auto control = [&](int operation) {
    return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0;
  };
  // Whether it was here before can only be guessed.
  if (again) return control(EPOLL_CTL_MOD) || (errno == ENOENT && control(EPOLL_CTL_ADD));
  return control(EPOLL_CTL_ADD) || (errno == EEXIST && control(EPOLL_CTL_MOD));
}

Duration Parking::patience() const noexcept {
  return EngineAccess::parking_patience(server_);
}

std::size_t Parking::size() const noexcept {
  const ThreadLock lock(mutex_);
  return size_;
}

Deadline Parking::sleep(Deadline deadline, bool takes) {
  if (takes && !ready_.empty()) return Deadline::after(Duration::zero());
  const ThreadLock lock(mutex_);
  const Deadline until = Deadline::earlier(deadline, deadline_of(timers_.next()));
  sleeps_until_ = tick_of(until);
  return until;
}

std::optional<Parking::Parked> Parking::take_ready() {
  if (ready_.empty()) look();
  const ThreadLock lock(mutex_);
  sleeps_until_ = 0;
  while (!ready_.empty()) {
    const int fd = ready_.back();
    ready_.pop_back();
    // Its time may have passed meanwhile.
    auto& record = records_[static_cast<std::size_t>(fd)];
    if (record) return take(std::move(record));
  }
  return std::nullopt;
}

void Parking::look() {
  // An event comes once: there must be room for it.
  ready_.reserve(ready_.size() + kEvents);
  ended_.reserve(ended_.size() + kEvents);
  std::array<epoll_event, kEvents> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(kEvents), 0);
  const ThreadLock lock(mutex_);
  for (int i = count; i-- > 0;) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto& record = records_[static_cast<std::size_t>(event.data.fd)];
    if (record && record->request.lingers()) {
      if (!lingers_on(*record)) ended_.push_back(event.data.fd);
      continue;
    }
    const bool may_be_end = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    const bool ended = may_be_end && record && record->request.socket().at_end();
    (ended ? ended_ : ready_).push_back(event.data.fd);
  }
}

std::optional<Parking::Parked> Parking::take_ended() {
  const ThreadLock lock(mutex_);
  while (const auto fd = ended_or_expired()) {
    auto& record = records_[static_cast<std::size_t>(*fd)];
    if (!record) continue;
    // A child process may have a copy of it, which would keep it known here.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, *fd, nullptr);
    return take(std::move(record));
  }
  return std::nullopt;
}

std::optional<int> Parking::ended_or_expired() {
  if (!ended_.empty()) {
    const int fd = ended_.back();
    ended_.pop_back();
    return fd;
  }
  const Tick now = tick_before(Deadline::Clock::now());
  for (;;) {
    // What is popped is known nowhere else: there must be room for it.
    if (ready_.size() == ready_.capacity()) ready_.reserve(2 * ready_.size() + kEvents);
    TimerWheel::Timer* const timer = timers_.pop_expired(now);
    if (timer == nullptr) break;
    auto& record = static_cast<Record&>(*timer);
    if (!record.request.has_begun()) return record.request.fileno();
    expire(record);
  }
  return std::nullopt;
}

/// Throws away what has come; false when the client has ended or sends too much.
bool Parking::lingers_on(Record& record) noexcept {
  std::array<char, 4096> block;
  const int fd = record.request.fileno();
  while (record.dropped < server_.options().limits.lingering_bytes) {
    const ssize_t got = ::recv(fd, block.data(), block.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return watch(fd, true);
    if (got <= 0) return false;
    record.dropped += static_cast<std::uint32_t>(got);
  }
  return false;
}

/// Goes on watching one that has rested; has one that is out of time served.
void Parking::expire(Record& record) {
  const int fd = record.request.fileno();
  const bool rested = std::exchange(record.rests, false);
  if (rested && watch(fd, true)) {
    const Tick until = tick_of(record.request.park_until());
    if (until != TimerWheel::kNever) timers_.insert(record, until);
  } else {
    ready_.insert(ready_.begin(), fd);
  }
}

std::optional<Parking::Parked> Parking::take(std::unique_ptr<Record> record) {
  if (record->armed()) timers_.remove(*record);
  --size_;
  record->request.socket().mark_readable();
  return Parked{std::move(record->request), std::move(record->client_address)};
}

}  // namespace socketserver::detail
