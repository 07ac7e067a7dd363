#include "scripted_peer.hpp"

#include <sys/socket.h>

#include <array>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::testing {

ScriptedPeer::ScriptedPeer(std::vector<std::string> packets, End end)
    : packets_(std::move(packets)), end_(end) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) < 0) {
    throw_os_error(last_error(), "socketpair");
  }
  own_end_ = Socket(UniqueFd(ends[0]));
  servers_end_ = Socket(UniqueFd(ends[1]));
}

std::string ScriptedPeer::run(BaseServer& server) {
  {
    Request request(std::move(servers_end_));
    request.socket().set_waiter(*this);
    try {
      server.RequestHandlerClass()(request, {"127.0.0.1", 4321}, server);
    } catch (...) {
      request.close();
      while (receive()) continue;
      throw;
    }
  }
  while (receive()) continue;
  return received_;
}

std::error_code ScriptedPeer::wait(int /*fd*/, Interest interest, Deadline deadline, bool idle) {
  if (interest == Interest::write) {
    receive();
    return {};
  }
  waits_.push_back({deadline.remaining(), idle});
  // Asked only whether there is anything: it has not arrived yet.
  if (deadline.expired()) return std::make_error_code(std::errc::timed_out);
  return next_packet();
}

/// Takes what has been sent so far; false at the end of the stream.
bool ScriptedPeer::receive() {
  std::array<char, 65536> block;
  const IoResult result = own_end_.read_some(block, Deadline::after(Duration::zero()));
  received_.append(block.data(), result.n);
  return result.n > 0;
}

std::error_code ScriptedPeer::next_packet() {
  if (next_ < packets_.size()) {
    own_end_.sendall(packets_[next_++]);
    return {};
  }
  switch (end_) {
    case End::half_close:
      own_end_.shutdown_write();
      return {};
    case End::silence:
      return std::make_error_code(std::errc::timed_out);
    case End::stop:
      return std::make_error_code(std::errc::operation_canceled);
  }
  return {};
}

std::string serve(BaseServer& server, std::vector<std::string> packets) {
  return ScriptedPeer(std::move(packets)).run(server);
}

}  // namespace socketserver::testing
