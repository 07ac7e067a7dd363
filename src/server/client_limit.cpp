#include "server/client_limit.hpp"

#include <chrono>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::detail {

struct ClientLimit::Counts {
  ThreadMutex mutex;
  std::unordered_map<std::string, std::size_t> requests SOCKETSERVER_GUARDED_BY(mutex);

  /// Counts one more unless there are `most`.
  bool enter(const std::string& client, std::size_t most) {
    const ThreadLock lock(mutex);
    std::size_t& count = requests[client];
    if (count >= most) return false;
    ++count;
    return true;
  }

  void leave(const std::string& client) {
    const ThreadLock lock(mutex);
    const auto found = requests.find(client);
    if (--found->second == 0) requests.erase(found);
  }
};

ClientLimit::ClientLimit(std::size_t most)
    : most_(most), counts_(most == 0 ? nullptr : std::make_shared<Counts>()) {}

ClientLimit::~ClientLimit() = default;

bool ClientLimit::admit(Request& request, const Address& client) {
  if (most_ == 0) return true;
  std::string name = client.host();
  if (name.empty()) return true;  // a Unix client has no address to be told by
  if (!counts_->enter(name, most_)) {
    ++refused_;
    return false;
  }
  struct Ticket {
    std::shared_ptr<Counts> counts;
    std::string client;
    ~Ticket() { counts->leave(client); }
  };
  request.hold(std::make_shared<const Ticket>(counts_, std::move(name)));
  return true;
}

std::optional<std::string> ClientLimit::report(const Address& client) {
  if (!quiet_until_.expired()) return std::nullopt;
  quiet_until_ = Deadline::after(std::chrono::seconds(1));
  return "max_connections_per_ip: " + std::to_string(std::exchange(refused_, 0)) +
         " refused, the last one from " + client.host();
}

}  // namespace socketserver::detail
