// The input is two bytes of settings, then what three clients do to an HTTP server: the bytes that
// they send, with bytes from 0xf0 on in between that cut packets, turn to the next client, end its
// stream, reset its connection, or leave it silent or deaf. A server whose handler's ways follow
// from the target serves them on one thread, as its engines do: connections park, and others are
// served meanwhile. What the clients get is read by a reader of our own: each request has one
// answer, in order and framed so that its end is found; nothing follows a last answer; what is
// refused is no success. And neither cuts nor parking nor other clients change anything.

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <socketserver/base/error.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/request_error.hpp>
#include <socketserver/http/server.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/net/waiter.hpp>
#include <socketserver/server/handler.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer_reader.hpp"
#include "require.hpp"
#include "server/engine_access.hpp"

using socketserver::Address;
using socketserver::Deadline;
using socketserver::Interest;
using socketserver::IoResult;
using socketserver::Request;
using socketserver::Socket;
using socketserver::detail::EngineAccess;

namespace {

constexpr std::size_t kClients = 3;

// The script of an input

enum class Deed : std::uint8_t {
  send,
  half_close,
  reset,
  fall_silent,  // every wait for it is in vain
  go_deaf,      // nor does it take what is sent to it
};

struct Event {
  std::size_t client;
  Deed deed;
  std::string bytes;
};

using Script = std::vector<Event>;

Script parse(std::string_view text) {
  Script script;
  std::size_t client = 0;
  std::string bytes;
  const auto cut = [&] {
    if (!bytes.empty()) script.push_back({client, Deed::send, std::exchange(bytes, {})});
  };
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0xf0 || code > 0xf5) {
      bytes += c;
      continue;
    }
    cut();
    if (code == 0xf1) client = (client + 1) % kClients;
    if (code >= 0xf2) script.push_back({client, static_cast<Deed>(code - 0xf1), {}});
  }
  cut();
  return script;
}

/// Whether the clients do nothing but send.
bool is_plain(const Script& script) {
  for (const Event& event : script) {
    if (event.deed != Deed::send) return false;
  }
  return true;
}

/// The same clients, one after the other, with all they send in one packet.
Script merged(const Script& script) {
  Script whole;
  for (std::size_t client = 0; client < kClients; ++client) {
    std::string bytes;
    for (const Event& event : script) {
      if (event.client == client) bytes += event.bytes;
    }
    if (!bytes.empty()) whole.push_back({client, Deed::send, std::move(bytes)});
  }
  return whole;
}

struct Settings {
  bool is_http10 = false;
  bool parks = false;
  bool parks_begun = false;
  bool small_buffers = false;
};

// The server

/// A request, as the handler saw it and treated it.
struct Seen {
  bool is_head = false;
  bool without_head = false;  // HTTP/0.9: so is its answer
  bool is_refusal = false;    // by the library, before any method
  bool failed = false;        // its answer may break off, or not be there
  bool is_ignored = false;    // the method sends nothing, and that is all there is
};

using Course = std::vector<Seen>;

/// One end of a connection, and what is known of it.
struct Client {
  std::deque<Event> deeds;
  Socket socket;
  std::optional<Request> request;  // while nobody serves it
  bool is_there = false;
  bool ended = false;
  bool was_reset = false;
  bool is_silent = false;
  bool is_deaf = false;
  bool is_half_closed = false;
  std::string received;
  Course course;
};

struct World;

/// The one that runs.
World* world = nullptr;

class FuzzedHandler : public socketserver::BaseHTTPRequestHandler {
 public:
  void send_error(int code, std::optional<std::string_view> message,
                  std::optional<std::string_view> explain,
                  const socketserver::http::Headers& extra) override;

 protected:
  std::string_view protocol_version() const override;
  void handle_one_request() override;
  bool dispatch(std::string_view command) override;
  void do_GET() override { answer(); }
  void do_HEAD() override { answer(); }
  void do_POST() override { answer(); }
  void do_PUT() override { answer(); }

 private:
  Course& course();
  std::string number() { return std::to_string(course().size()); }
  std::string read_body(unsigned ways);
  void answer();
  void begin(int status);

  bool is_in_method_ = false;
};

struct Server : socketserver::HTTPServer {
  Server() : HTTPServer({"127.0.0.1", 0}, socketserver::handler<FuzzedHandler>(), options()) {}

  static socketserver::ServerOptions options() {
    socketserver::ServerOptions options;
    options.bind_and_activate = false;
    options.log = {};
    options.limits.request_line_bytes = 200;
    options.limits.header_bytes = 300;
    options.limits.header_count = 8;
    options.limits.body_bytes = 64;
    options.limits.lingering_bytes = 40;
    options.limits.keep_alive_requests = 6;
    return options;
  }
};

/// Everything that a server and its clients share: it is how connections wait, and where they park.
struct World final : socketserver::Waiter, socketserver::detail::ParkingPlace {
  World(Server& its_server, const Script& script, const Settings& its_settings)
      : settings(its_settings), server(its_server) {
    world = this;
    for (const Event& event : script) {
      clients[event.client].deeds.push_back(event);
      order.push_back(event.client);
    }
  }
  ~World() override { world = nullptr; }

  void run();

  // Waiter, of the connection that is being served
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override;

  // ParkingPlace
  bool park(Request& request, const Address& client) noexcept override {
    clients[client.port() - 1U].request.emplace(std::move(request));
    return true;
  }
  bool takes_begun() const noexcept override { return settings.parks_begun; }

  void connect(Client& client);
  void act(Client& client);
  void half_close(Client& client);
  void receive(Client& client);
  void serve(Client& client);
  void end(Client& client);

  const Settings settings;
  std::array<Client, kClients> clients;
  std::vector<std::size_t> order;  // whose deed is next
  Client* served = nullptr;
  int waits = 0;
  Server& server;
};

void World::run() {
  for (const std::size_t index : order) {
    Client& client = clients[index];
    if (client.deeds.empty() || client.ended) continue;  // it was waited for
    if (!client.is_there) connect(client);
    act(client);
    serve(client);
  }
  for (Client& client : clients) {
    if (client.is_there) end(client);
  }
}

void World::connect(Client& client) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "socketpair");
  client.socket = Socket(socketserver::UniqueFd(ends[0]));
  Socket servers{socketserver::UniqueFd(ends[1])};
  if (settings.small_buffers) servers.set_option(SOL_SOCKET, SO_SNDBUF, 1);
  servers.set_waiter(*this);
  client.request.emplace(std::move(servers));
  if (settings.parks) client.request->set_parking(this);
  client.is_there = true;
}

/// The client does the next thing of its script.
void World::act(Client& client) {
  const Event event = std::move(client.deeds.front());
  client.deeds.pop_front();
  if (client.was_reset || client.is_half_closed) return;
  receive(client);
  switch (event.deed) {
    case Deed::send: {
      // Who is not read any more finds out, or not.
      const std::string_view bytes = event.bytes;
      [[maybe_unused]] const IoResult sent =
          client.socket.write_some({&bytes, 1}, Deadline::never());
      return;
    }
    case Deed::half_close:
      return half_close(client);
    case Deed::reset:
      client.was_reset = true;
      return client.socket.close();
    case Deed::fall_silent:
      client.is_silent = true;
      return;
    case Deed::go_deaf:
      client.is_deaf = true;
      return;
  }
}

void World::half_close(Client& client) {
  client.is_half_closed = true;
  client.socket.shutdown_write();
}

void World::receive(Client& client) {
  std::array<char, 65536> block;
  while (!client.was_reset && !client.is_deaf) {
    const IoResult result =
        client.socket.read_some(block, Deadline::after(std::chrono::seconds(0)));
    client.received.append(block.data(), result.n);
    if (result.n == 0) return;
  }
}

void World::serve(Client& client) {
  if (!client.request) return;
  Request request = std::move(*client.request);
  client.request.reset();
  const auto index = static_cast<std::uint16_t>(&client - clients.data());
  if (request.wants_to_park() && request.lingers()) {
    // Nobody serves it any more; what it still sends is nothing to anybody.
    EngineAccess::end_request(server, request);
  } else {
    request.stay();
    request.socket().mark_readable();
    served = &client;
    EngineAccess::run_request(server, request,
                              {"127.0.0.1", static_cast<std::uint16_t>(index + 1)});
    served = nullptr;
  }
  client.ended = !client.request;
  receive(client);
}

void World::end(Client& client) {
  while (!client.ended && !client.deeds.empty()) {
    act(client);
    serve(client);
  }
  if (!client.ended && !client.was_reset && !client.is_half_closed) half_close(client);
  for (int turns = 0; !client.ended && turns < 3; ++turns) serve(client);
  require(client.ended, "a connection ends with its client");
}

std::error_code World::wait(int /*fd*/, Interest interest, Deadline deadline, bool /*idle*/) {
  require(++waits < 10'000, "nobody waits for ever");
  Client& client = *served;
  if (interest == Interest::write) {
    if (client.is_deaf) return std::make_error_code(std::errc::timed_out);
    receive(client);
    return {};
  }
  if (deadline.expired() || client.is_silent) return std::make_error_code(std::errc::timed_out);
  if (!client.deeds.empty()) {
    act(client);
  } else if (!client.was_reset && !client.is_half_closed) {
    half_close(client);
  }
  return client.is_silent ? std::make_error_code(std::errc::timed_out) : std::error_code();
}

std::array<Client, kClients> run(Server& server, const Script& script, const Settings& settings) {
  World one(server, script, settings);
  one.run();
  return std::move(one.clients);
}

// The handler

Course& FuzzedHandler::course() {
  return world->served->course;
}

std::string_view FuzzedHandler::protocol_version() const {
  return world->settings.is_http10 ? "HTTP/1.0" : "HTTP/1.1";
}

void FuzzedHandler::handle_one_request() {
  is_in_method_ = false;
  BaseHTTPRequestHandler::handle_one_request();
}

void FuzzedHandler::send_error(int code, std::optional<std::string_view> message,
                               std::optional<std::string_view> explain,
                               const socketserver::http::Headers& extra) {
  if (!is_in_method_) {
    course().push_back({.is_head = command() == "HEAD", .is_refusal = true});
  }
  BaseHTTPRequestHandler::send_error(code, message, explain, extra);
}

bool FuzzedHandler::dispatch(std::string_view command) {
  course().push_back(
      {.is_head = command == "HEAD", .without_head = request_version() == "HTTP/0.9"});
  is_in_method_ = true;
  try {
    return BaseHTTPRequestHandler::dispatch(command);
  } catch (...) {
    course().back().failed = true;
    throw;
  }
}

std::string FuzzedHandler::read_body(unsigned ways) {
  if (ways == 0) return {};
  if (ways == 1) return rfile().read(3);
  return rfile().read_all(1000);
}

void FuzzedHandler::begin(int status) {
  send_response(status);
  send_header("Number", number());
}

void FuzzedHandler::answer() {
  unsigned sum = 0;
  for (const char c : path()) sum = sum * 31 + static_cast<unsigned char>(c);
  std::string body = "answer " + number() + " to " + read_body(sum & 3);
  const unsigned ways = (sum >> 2) % 16;
  switch (ways) {
    case 5:
      throw std::runtime_error("before the head");
    case 8:
      return send_error(404, {}, {}, {});
    case 10:
      course().back().is_ignored = true;
      return;
    case 12:
      throw socketserver::http::RequestError(422, "as it should be");
    case 13:
      send_response_only(103);
      end_headers();
      break;
    default:
      break;
  }
  begin(ways == 3 ? 204 : ways == 4 ? 304 : 200);
  if (ways == 1) send_header("Content-Length", std::to_string(body.size()));
  if (ways == 2 || ways == 7) body.append(20'000, 'x');
  if (ways == 6) send_header("Connection", "close");
  if (ways == 15) send_header("Content-Length", "1");
  if (ways == 9) return;  // the library ends the head
  end_headers();
  wfile().write(body);
  if (ways == 11) wfile().flush();
  if (ways == 11) wfile().write(body);
  if (ways == 7) throw std::runtime_error("in the middle of the body");
  if (ways == 14) {
    course().back().failed = true;
    cut_response();
  }
}

// What clients make of it

enum class Answer { followed, last, broken };

Answer take_answer(std::string_view& wire, const Seen& seen, std::size_t number) {
  std::optional<AnswerHead> head = take_head(wire);
  while (head && head->status < 200) head = take_head(wire);
  if (!head) return Answer::broken;
  require(!seen.is_refusal || head->status >= 400, "what is refused is no success");
  require(head->number ? *head->number == number : head->status >= 400,
          "answers are in the order of requests");
  require(!head->chunked || !head->length, "there is one framing");
  require(!head->chunked || !head->is_http10, "HTTP/1.0 knows no chunks");
  const bool last = head->closes || (head->is_http10 && !head->keeps_alive);
  if (head->status == 204 || head->status == 304) {
    require(!head->chunked, "nothing is announced that cannot come");
  } else if (seen.is_head) {
    // Its answer is the head.
  } else if (head->chunked) {
    if (!take_chunks(wire)) return Answer::broken;
  } else if (head->length) {
    if (!take(wire, *head->length)) return Answer::broken;
  } else {
    require(last, "who does not close says where the answer ends");
    wire = {};
  }
  return last ? Answer::last : Answer::followed;
}

void drop_interim(std::string_view& wire) {
  std::string_view behind = wire;
  for (auto head = take_head(behind); head && head->status < 200; head = take_head(behind)) {
    wire = behind;
  }
}

void check(const Client& client) {
  std::string_view wire = client.received;
  const bool is_disturbed = client.was_reset || client.is_silent || client.is_deaf;
  Answer answer = Answer::followed;
  for (std::size_t i = 0; i < client.course.size(); ++i) {
    const Seen& seen = client.course[i];
    const bool may_break_off = seen.failed || is_disturbed;
    require(answer == Answer::followed || is_disturbed, "nothing is served behind the last answer");
    if (seen.is_ignored) {
      drop_interim(wire);  // "100 Continue" was said before the method
      continue;
    }
    if (seen.without_head) {
      require(i + 1 == client.course.size(), "HTTP/0.9 is the end of a connection");
      return;
    }
    answer = take_answer(wire, seen, i + 1);
    if (answer != Answer::broken) continue;
    require(may_break_off, "answers are whole");
    require(i + 1 == client.course.size() || is_disturbed, "nothing follows what broke off");
    return;
  }
  require(wire.empty(), "there are no more answers than requests");
}

/// Without the time of day.
std::string undated(std::string_view received) {
  std::string text(received);
  for (std::size_t at = 0; (at = text.find("\r\nDate: ", at)) != text.npos;) {
    text.erase(at, text.find("\r\n", at + 2) - at);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Settings settings{.is_http10 = (data[0] & 1) != 0,
                          .parks = (data[0] & 2) != 0,
                          .parks_begun = (data[0] & 4) != 0,
                          .small_buffers = (data[1] & 1) != 0};
  const Script script = parse({reinterpret_cast<const char*>(data) + 2, size - 2});
  static Server server;
  const auto clients = run(server, script, settings);
  for (const Client& client : clients) check(client);
  if (!is_plain(script)) return 0;

  const auto others = run(server, merged(script), {.is_http10 = settings.is_http10});
  for (std::size_t i = 0; i < kClients; ++i) {
    require(undated(clients[i].received) == undated(others[i].received),
            "neither cuts nor other clients change an answer");
  }
  return 0;
}
