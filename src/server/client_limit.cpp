#include "server/client_limit.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/net/network.hpp>

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

/// Counts a request of a client until it is destroyed.
class ClientLimit::Ticket {
 public:
  Ticket(std::shared_ptr<Counts> counts, std::string client)
      : counts_(std::move(counts)), client_(std::move(client)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (entered_) counts_->leave(client_);
  }

  bool enter(std::size_t most) { return entered_ = counts_->enter(client_, most); }

 private:
  const std::shared_ptr<Counts> counts_;
  const std::string client_;
  bool entered_ = false;
};

bool ClientLimit::admit(Request& request, const Address& client) {
  if (most_ == 0) return true;
  std::string key = client_key(client);
  if (key.empty()) return true;  // a Unix client has no address to be told by
  const auto ticket = std::make_shared<Ticket>(counts_, std::move(key));
  if (!ticket->enter(most_)) {
    report_.count(client.host());
    return false;
  }
  request.hold(ticket);
  return true;
}

}  // namespace socketserver::detail
