#include <socketserver/server/base_server.hpp>

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <sstream>
#include <string>
#include <system_error>

#include <socketserver/base/error.hpp>

#include "net/spare_buffer.hpp"
#include "server/entrance.hpp"
#include "server/exception_text.hpp"
#include "server/parking.hpp"
#include "server/server_loop.hpp"
#include "server/unix_socket_file.hpp"

namespace socketserver {
namespace {

// How many are served between two looks at what else there is to wait for.
constexpr int kRequestsPerTurn = 64;

/// How much the end of a connection by its client matters; nothing when `code` is no such end. A
/// handler may fail in the same ways on something of its own: only `failure`, the connection's,
/// tells.
std::optional<LogLevel> level_of_client_end(std::error_code code, std::error_code failure) {
  // A message that ends too early is no failure of the socket.
  if (code == std::errc::connection_aborted) return LogLevel::debug;
  // As conditions: the same errno may come in either category.
  if (!failure || code.default_error_condition() != failure.default_error_condition()) {
    return std::nullopt;
  }
  return code == std::errc::timed_out ? LogLevel::info : LogLevel::debug;
}

std::string text_of(const Address& address) {
  std::ostringstream out;
  out << address;
  return detail::escape_controls(std::move(out).str());
}

/// As many connections as are wanted and as the process has descriptors for.
std::size_t possible_connections(std::size_t wanted, SocketType type) noexcept {
  // What the process needs beside its connections: files, logs, the listeners.
  constexpr std::size_t kOtherDescriptors = 64;
  rlimit descriptors{};
  if (type == SocketType::datagram || ::getrlimit(RLIMIT_NOFILE, &descriptors) < 0 ||
      descriptors.rlim_cur == RLIM_INFINITY) {
    return wanted;
  }
  const std::size_t all = descriptors.rlim_cur;
  return std::min(wanted, all > kOtherDescriptors ? all - kOtherDescriptors : 1);
}

}  // namespace

BaseServer::BaseServer(Address server_address, RequestHandler request_handler,
                       ServerOptions options, SocketType socket_type)
    : server_address_(std::move(server_address)),
      handler_(std::move(request_handler)),
      options_(std::move(options)),
      socket_type_(socket_type),
      max_connections_(possible_connections(options_.limits.max_connections, socket_type)),
      loop_(std::make_unique<detail::ServerLoop>(options_.limits.drain_grace)),
      entrance_(std::make_unique<detail::Entrance>(*this)),
      parking_(handler_.parks() ? std::make_unique<detail::Parking>(*this) : nullptr) {}

BaseServer::~BaseServer() {
  close_sockets();
}

int BaseServer::request_queue_size() const noexcept {
  return options_.request_queue_size.value_or(SOMAXCONN);
}

void BaseServer::serve_forever(Duration poll_interval) {
  require_open();
  const detail::SpareBuffer spare;
  std::exception_ptr failure;
  if (loop_->enter()) {
    try {
      parks_now_ = parking_ != nullptr;
      serve_until_stopped(poll_interval);
    } catch (...) {
      failure = std::current_exception();
      loop_->begin_stop();
    }
    loop_->leave();
    loop_->watch_parking(-1);
    parks_now_ = false;
    entrance_->refusals.end_all();
    entrance_->tell_last_refusals(*this, failure);
    if (parking_) {
      parking_->await_fresh(loop_->moment_of_the_fresh());
      end_all_parked();
    }
    drain();
  }
  const int signal = loop_->stop_signal();
  loop_->reset();
  if (failure) std::rethrow_exception(failure);
  if (signal != 0) throw KeyboardInterrupt{signal};
}

void BaseServer::serve_until_stopped(Duration poll_interval) {
  while (!loop_->stop_is_due()) {
    try {
      serve_turn(poll_interval);
    } catch (const std::bad_alloc&) {
      // Whatever was at hand has been given up; others have their memory, and give it back.
      log(LogLevel::error, "out of memory; accepting pauses for a moment");
      entrance_->pause.no_worker(std::make_error_code(std::errc::not_enough_memory));
    }
  }
}

void BaseServer::serve_turn(Duration poll_interval) {
  require_open();
  const bool room = has_room();
  const bool connection_room = has_connection_room();
  const bool full = entrance_->refusals.answers() && !connection_room;
  const bool takes = entrance_->refusals.watches(full) || (room && connection_room);
  const bool pausing = entrance_->pause.pausing();
  const bool accepting = takes && !pausing;
  loop_->note_full(!room || !connection_room || pausing);
  Deadline turn = Deadline::earlier(Deadline::after(poll_interval), entrance_->next());
  turn = Deadline::earlier(turn, loop_->due_stop());
  const bool parking = parking_ && parking_->fd() >= 0;
  if (parking) {
    loop_->watch_parking(room ? parking_->fd() : -1);
    turn = parking_->sleep(turn, room);
  }
  bool ready = wait_for_request(accepting ? fileno() : -1, turn, true);
  if (loop_->stop_is_due()) return;
  if (parking) serve_parked();
  entrance_->refusals.end_old();
  entrance_->tell_refusals(*this);
  if (full) ready = entrance_->refusals.takes(ready);
  int turns = ready ? kRequestsPerTurn : 1;
  do {
    if (ready) handle_request_noblock(entrance_->refusals.answers() && !has_connection_room());
    service_actions();
  } while (--turns > 0 && !loop_->stop_asked() && has_room() && request_at_hand());
}

void BaseServer::handle_request() {
  require_open();
  const Deadline deadline =
      Deadline::earlier(Deadline::after(timeout()), Deadline::after(socket_.gettimeout()));
  do {
    if (const int signal = loop_->take_signal()) throw KeyboardInterrupt{signal};
    entrance_->tell_refusals(*this);
    const bool accepting = has_room() && !entrance_->pause.pausing();
    const Deadline turn = Deadline::earlier(deadline, entrance_->pause.until());
    if (wait_for_request(accepting ? fileno() : -1, turn, false))
      return handle_request_noblock(false);
  } while (!deadline.expired() || loop_->stop_signal() != 0);
  handle_timeout();
}

void BaseServer::shutdown() noexcept {
  loop_->ask_stop_and_wait();
}

bool BaseServer::stop_requested() const noexcept {
  return loop_->stop_asked();
}

void BaseServer::server_close() {
  close_sockets();
  entrance_->tell_refusals(*this, true);
}

bool BaseServer::wait_for_request(int fd, Deadline deadline, bool until_stop) {
  return loop_->wait_ready(fd, until_stop, deadline);
}

std::unique_ptr<detail::ServerLoop> BaseServer::renew_loop(
    std::unique_ptr<detail::ServerLoop> loop) noexcept {
  return std::exchange(loop_, std::move(loop));
}

void BaseServer::wake() noexcept {
  loop_->wake();
}

void BaseServer::begin_stop() noexcept {
  loop_->begin_stop();
}

void BaseServer::force_stop() noexcept {
  loop_->force();
}

bool BaseServer::stop_is_forced() const noexcept {
  return loop_->cancelled();
}

Deadline BaseServer::stop_deadline() const noexcept {
  return loop_->stop_deadline();
}

void BaseServer::require_open() const {
  if (fileno() < 0) {
    throw OSError(std::make_error_code(std::errc::bad_file_descriptor), "the server is closed");
  }
}

void BaseServer::handle_request_noblock(bool refuses) {
  std::optional<std::pair<Request, Address>> taken;
  try {
    taken.emplace(get_request());
  } catch (const OSError& error) {
    // A socket that does not listen seems ready for ever.
    if (error.code() == std::errc::invalid_argument) throw;
    // Nobody to serve after all; if the system has run out of something, trying again at once would
    // spin.
    if (auto report = entrance_->pause.failed(error.code(), socket_)) {
      log(LogLevel::error, *report);
    }
    return;
  }
  entrance_->pause.succeeded();
  Request& request = taken->first;
  const Address& client_address = taken->second;
  request.set_waiter(*loop_);
  if (refuses) {
    entrance_->refusals.refuse(request, client_address);
    return entrance_->tell_refusals(*this);
  }
  bool admitted = false;
  serve_or_fail(request, client_address, [&] { admitted = admits(request, client_address); });
  if (!admitted) return end_unless_ended(request);
  serve_or_fail(request, client_address, [&] {
    try {
      admit_request(request, client_address);
    } catch (const std::system_error& error) {
      entrance_->pause.no_worker(error.code());
      throw;
    }
  });
}

bool BaseServer::admits(Request& request, const Address& client_address) {
  if (entrance_->clients.admit(request, client_address)) {
    return verify_request(request, client_address);
  }
  entrance_->tell_refusals(*this);
  return false;
}

void BaseServer::admit_request(Request& request, const Address& client_address) {
  if (parks_now_) {
    parking_->open();
    request.set_parking(parking_.get());
    if (!request.socket().has_input()) {
      const Duration patience = options_.limits.first_byte_timeout;
      request.park(patience == Duration::zero() ? Deadline::never() : Deadline::after(patience), 0);
      if (parking_->park(request, client_address)) return;
      request.stay();
    }
  }
  process_request(request, client_address);
}

void BaseServer::serve_parked() {
  for (int turns = kRequestsPerTurn; turns > 0 && !loop_->stop_asked() && has_room(); --turns) {
    auto ready = parking_->take_ready();
    if (!ready) break;
    serve_or_fail(ready->request, ready->client_address,
                  [&] { process_request(ready->request, ready->client_address); });
  }
  while (auto ended = parking_->take_ended()) end_request(ended->request);
}

std::size_t BaseServer::parked_connections() const noexcept {
  return parking_ ? parking_->size() : 0;
}

bool BaseServer::has_connection_room() const {
  return !parking_ || parked_connections() < max_connections_;
}

template <class Serve>
void BaseServer::serve_or_fail(Request& request, const Address& client_address, Serve serve) {
  try {
    serve();
  } catch (const SystemExit&) {
    end_unless_ended(request);
    throw;
  } catch (const KeyboardInterrupt&) {
    end_unless_ended(request);
    throw;
  } catch (...) {
    fail_request(request, client_address);
    end_request(request);
  }
}

bool BaseServer::verify_request(Request& /*request*/, const Address& /*client_address*/) {
  return true;
}

void BaseServer::process_request(Request& request, const Address& client_address) {
  const RequestOutcome outcome = run_request(request, client_address);
  if (outcome.exit) std::rethrow_exception(outcome.exit);
}

void BaseServer::finish_request(Request& request, const Address& client_address) {
  handler_(request, client_address, *this);
}

void BaseServer::shutdown_request(Request& request) {
  close_request(request);
}

void BaseServer::close_request(Request& request) {
  request.close();
}

RequestOutcome BaseServer::run_request(Request& request, const Address& client_address) noexcept {
  RequestOutcome outcome;
  for (;;) {
    try {
      finish_request(request, client_address);
    } catch (const SystemExit&) {
      outcome.exit = std::current_exception();
    } catch (const KeyboardInterrupt&) {
      outcome.exit = std::current_exception();
    } catch (...) {
      outcome.failed = true;
      fail_request(request, client_address);
    }
    // A handler may have ended its connection, or given it to somebody else.
    const bool gone = request.fileno() < 0;
    if (!request.wants_to_park() || gone || outcome.failed || outcome.exit) break;
    if (!stop_requested() && request.parking()->park(request, client_address)) return outcome;
    // A message that has begun is worth waiting for, if only by this worker.
    if (!request.has_begun()) break;
    request.set_parking(nullptr);
  }
  end_request(request);
  return outcome;
}

void BaseServer::end_all_parked() noexcept {
  try {
    for (auto& parked : parking_->close()) end_parked(parked.request, parked.client_address);
  } catch (const std::bad_alloc&) {
    parking_->leave();
  }
}

/// The server stops: what a parked client has asked for already is still served, within the grace.
void BaseServer::end_parked(Request& request, const Address& client_address) noexcept {
  const bool asks = !request.lingers() &&
                    (request.has_begun() || (request.socket().has_input() && !request.failure() &&
                                             !request.socket().at_end()));
  if (!asks || !has_room()) return end_request(request);
  request.set_parking(nullptr);
  try {
    process_request(request, client_address);
  } catch (...) {
    fail_request(request, client_address);
    end_request(request);
  }
}

void BaseServer::fail_request(Request& request, const Address& client_address) noexcept {
  try {
    handle_error(request, client_address);
  } catch (...) {
    detail::log_current_exception(*this, "handle_error failed");
  }
}

void BaseServer::end_request(Request& request) noexcept {
  try {
    shutdown_request(request);
  } catch (...) {
    detail::log_current_exception(*this, "shutdown_request failed");
  }
  request.close();
}

void BaseServer::end_unless_ended(Request& request) noexcept {
  if (request.fileno() >= 0) end_request(request);
}

void BaseServer::handle_error(Request& request, const Address& client_address) {
  try {
    throw;
  } catch (const OSError& error) {
    if (const auto level = level_of_client_end(error.code(), request.failure())) {
      return log(*level, text_of(client_address) + ": " + error.what());
    }
  } catch (...) {
    // Reported below, with everything else.
  }
  const std::string rule(40, '-');
  log(LogLevel::error, rule + "\nException occurred during processing of request from " +
                           text_of(client_address) + '\n' + detail::current_exception_text() +
                           '\n' + rule);
}

}  // namespace socketserver
