#include "server/parking.hpp"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <utility>

#include <socketserver/base/error.hpp>

#include "server/engine_access.hpp"

namespace socketserver::detail {
namespace {

// How many connections one look at the system brings.
constexpr std::size_t kEvents = 64;

}  // namespace

struct Parking::Record : TimerWheel::Timer {
  explicit Record(Request& its_request, const Address& its_client)
      : request(std::move(its_request)), client_address(its_client) {}

  Request request;
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
  const Tick until = tick_of(request.park_until());
  const ThreadLock lock(mutex_);
  if (!open_) return false;
  try {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= records_.size()) records_.resize(index + 1);
    records_[index] = std::make_unique<Record>(request, client_address);
    Record& record = *records_[index];
    // Under the lock: whoever takes it out finds it complete.
    if (!watch(fd, record.request.messages_served() > 0)) {
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
  std::array<epoll_event, kEvents> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(kEvents), 0);
  const ThreadLock lock(mutex_);
  for (int i = count; i-- > 0;) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto& record = records_[static_cast<std::size_t>(event.data.fd)];
    const bool may_be_end = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    const bool ended = may_be_end && record && record->request.socket().at_end();
    (ended ? ended_ : ready_).push_back(event.data.fd);
  }
}

std::optional<Parking::Parked> Parking::take_ended() {
  const ThreadLock lock(mutex_);
  int fd = -1;
  if (!ended_.empty()) {
    fd = ended_.back();
    ended_.pop_back();
  } else {
    TimerWheel::Timer* const timer = timers_.pop_expired(tick_before(Deadline::Clock::now()));
    if (timer == nullptr) return std::nullopt;
    fd = static_cast<Record&>(*timer).request.fileno();
  }
  auto& record = records_[static_cast<std::size_t>(fd)];
  if (!record) return take_ended();
  // A child process may have a copy of it, which would keep it known here.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  return take(std::move(record));
}

std::optional<Parking::Parked> Parking::take(std::unique_ptr<Record> record) {
  if (record->armed()) timers_.remove(*record);
  --size_;
  record->request.socket().mark_readable();
  return Parked{std::move(record->request), std::move(record->client_address)};
}

}  // namespace socketserver::detail
