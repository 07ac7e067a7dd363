#include "server/client_limit.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::detail {
namespace {

/// What is counted as one client; "" for who has no IP address to be told by. Of IPv6 it is the
/// network: whoever has one address of it has 2^64.
std::string key_of(const Address& client) {
  constexpr std::size_t kNetworkBytes = 8;
  const auto bytes = client.ip_bytes();
  const auto kept = bytes.first(std::min(bytes.size(), kNetworkBytes));
  return {kept.begin(), kept.end()};
}

}  // namespace

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
  std::string key = key_of(client);
  if (key.empty()) return true;
  if (!counts_->enter(key, most_)) {
    report_.count(client.host());
    return false;
  }
  struct Ticket {
    std::shared_ptr<Counts> counts;
    std::string client;
    ~Ticket() { counts->leave(client); }
  };
  request.hold(std::make_shared<const Ticket>(counts_, std::move(key)));
  return true;
}

}  // namespace socketserver::detail
