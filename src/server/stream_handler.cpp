#include <socketserver/server/stream_handler.hpp>

#include <stdexcept>

#include <socketserver/base/error.hpp>

namespace socketserver {

Reader& StreamRequestHandler::rfile() {
  if (!rfile_) throw std::logic_error("rfile: StreamRequestHandler::setup() has not run");
  return *rfile_;
}

Writer& StreamRequestHandler::wfile() {
  if (!rfile_) throw std::logic_error("wfile: StreamRequestHandler::setup() has not run");
  if (!wfile_) {
    wfile_.emplace(request().stream(), wbufsize());
    wfile_->set_timeout(timeout());
    if (finished_) wfile_->close();
  }
  return *wfile_;
}

void StreamRequestHandler::setup() {
  Request& request = this->request();
  const std::optional<Duration> patience = timeout();
  if (!request.is_datagram()) {
    // A connection that has parked has it already.
    const bool first = request.messages_served() == 0;
    if (first && disable_nagle_algorithm()) connection().set_nodelay(true);
    connection().settimeout(patience);
  }
  rfile_.emplace(request.stream(), rbufsize());
  rfile_->set_timeout(patience);
  if (request.has_begun()) rfile_->put_back(request.take_begun());
  // Its end sends the packet, whoever has written to the stream.
  if (request.is_datagram()) StreamRequestHandler::wfile();
}

void StreamRequestHandler::finish() {
  finished_ = true;
  if (!wfile_ || wfile_->closed()) return;
  try {
    wfile_->flush();
  } catch (const OSError& error) {
    if (error.code() == std::errc::message_size) throw;
    // The client is gone, and what it did not wait for is nobody's loss.
  }
  wfile_->close();
}

}  // namespace socketserver
