#include "tests/faults/visit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>

#include "tests/processes.hpp"

namespace socketserver::faults {
namespace {

using namespace std::chrono_literals;

// Larger than every buffer on its way, so that it comes and goes in many pieces.
const std::string kLarge(30'000, 'L');

/// What a client may not see.
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A connection, and what came from it. Whatever goes wrong with it is an end.
class Connection {
 public:
  explicit Connection(const Address& server) {
    try {
      client_ = std::make_unique<testing::RawClient>(server, kPatience);
    } catch (const TimeoutError&) {
      throw Wrong("a client cannot connect");
    } catch (const OSError&) {
      // Nobody listens any more.
    }
  }

  bool is_open() const noexcept { return client_ != nullptr; }
  testing::RawClient& client() noexcept { return *client_; }

  void send(std::string_view bytes) {
    if (!is_open()) return;
    try {
      client_->send(bytes);
    } catch (const TimeoutError&) {
      throw Wrong("a request is not read");
    } catch (const OSError&) {
      // The end. There may be an answer before it.
    }
  }

  /// Takes more from the connection; false at its end.
  bool receive() {
    if (!is_open()) return false;
    std::array<char, 4096> block{};
    const IoResult result = client_->socket().read_some(block, Deadline::after(kPatience));
    if (result.ec == std::errc::timed_out) throw Wrong("an answer does not come: " + arrived_);
    arrived_.append(block.data(), result.n);
    return result.n > 0;
  }

  /// Takes `size` bytes, or what there is of them.
  std::string take(std::size_t size) {
    while (arrived_.size() < size && receive()) continue;
    return cut(size);
  }

  /// Takes everything up to and including `text`; all there is when it does not come.
  std::string take_until(std::string_view text) {
    while (arrived_.find(text) == arrived_.npos && receive()) continue;
    const auto at = arrived_.find(text);
    return cut(at == arrived_.npos ? at : at + text.size());
  }

 private:
  std::string cut(std::size_t size) {
    std::string taken = arrived_.substr(0, size);
    arrived_.erase(0, size);
    return taken;
  }

  std::unique_ptr<testing::RawClient> client_;
  std::string arrived_;
};

/// True when `got` is all of `wanted`; throws when it is not even its beginning.
bool is_whole(const std::string& got, const std::string& wanted) {
  if (got == wanted) return true;
  if (wanted.starts_with(got)) return false;
  throw Wrong("a wrong answer: " + got.substr(0, 200));
}

// Lines

bool ask_line(Connection& connection, const std::string& line) {
  connection.send(line + '\n');
  return is_whole(connection.take(line.size() + 1), line + '\n');
}

bool ask_line(const Address& server, const std::string& line) {
  Connection connection(server);
  return ask_line(connection, line);
}

// HTTP

/// Whether `text` has nothing but the digits of a number.
bool parse(std::string_view text, std::size_t& number, int base) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return ec == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::string_view field(std::string_view head, std::string_view name) {
  const auto at = head.find("\r\n" + std::string(name) + ": ");
  if (at == head.npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

/// Takes a chunked body; false when it breaks off.
bool take_chunks(Connection& connection, std::string& body) {
  for (;;) {
    const std::string line = connection.take_until("\r\n");
    if (!line.ends_with("\r\n")) return false;
    std::size_t size = 0;
    if (!parse(std::string_view(line).substr(0, line.size() - 2), size, 16)) {
      throw Wrong("a wrong chunk: " + line);
    }
    std::string chunk = connection.take(size + 2);
    const bool whole = chunk.size() == size + 2;
    if (whole && !chunk.ends_with("\r\n")) throw Wrong("a chunk without end");
    body += chunk.substr(0, size);
    if (!whole || size == 0) return whole;
  }
}

/// Sends a request; true when its answer is a 200 with `wanted`. False when it is a refusal, or
/// breaks off.
bool ask_http(Connection& connection, const std::string& request, const std::string& wanted) {
  connection.send(request);
  const std::string head = connection.take_until("\r\n\r\n");
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (!head.starts_with(kVersion.substr(0, head.size()))) throw Wrong("no head: " + head);
  if (!head.ends_with("\r\n\r\n")) return false;
  const bool is_good = head.starts_with("HTTP/1.1 200 ");
  const std::string_view status = std::string_view(head).substr(kVersion.size(), 3);
  if (!is_good && status != "404" && status != "500" && status != "503") {
    throw Wrong("a wrong status: " + head);
  }
  if (request.starts_with("HEAD")) return is_good;

  std::string body;
  bool whole = false;
  std::size_t length = 0;
  if (field(head, "Transfer-Encoding") == "chunked") {
    whole = take_chunks(connection, body);
  } else if (parse(field(head, "Content-Length"), length, 10)) {
    body = connection.take(length);
    whole = body.size() == length;
  } else {
    throw Wrong("an answer without length: " + head);
  }
  if (!is_good) return false;
  if (whole && body != wanted) throw Wrong("a wrong body: " + body.substr(0, 200));
  return is_whole(body, wanted) && whole;
}

std::string get(std::string_view path, std::string_view method = "GET") {
  return std::string(method) + ' ' + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string post(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// Packets

/// Whether nobody in the server is at work.
bool rests(const Trial& trial) {
  // Only one that rests has all the children that there will be.
  return testing::rests(trial.pid()) &&
         std::ranges::all_of(testing::children_of(trial.pid()), testing::rests);
}

/// Whether a packet of a client of its own is answered. It is not when the server has left it and
/// rests.
bool ask_packet(Trial& trial, const std::string& packet) {
  constexpr Duration kMoment = 50ms;
  testing::DatagramClient client(trial.address(), testing::DatagramClient::Name::bound, kMoment);
  try {
    client.send(packet);
  } catch (const OSError&) {
    return false;  // nobody is there any more
  }
  const Deadline deadline = Deadline::after(kPatience);
  bool rested = false;
  while (!deadline.expired()) {
    try {
      return is_whole(client.receive(), packet);
    } catch (const TimeoutError&) {
      // What it answered before it rested would be here by now. The system loses no packet on this
      // machine: a call that went wrong does.
      if (rested) return false;
      rested = trial.struck() > 0 && rests(trial);
    } catch (const OSError&) {
      return false;
    }
  }
  throw Wrong("a packet is not answered");
}

/// The clients of one server.
class Visit {
 public:
  explicit Visit(Trial& trial) : trial_(trial), server_(trial.address()) {}

  void all() {
    switch (trial_.cell().protocol) {
      case Protocol::lines:
        return lines();
      case Protocol::http:
        return http();
      case Protocol::packets:
        for (const char* text : {"one", "two", "three", "four"}) count(ask_packet(trial_, text));
        return;
    }
  }

  bool once() {
    switch (trial_.cell().protocol) {
      case Protocol::lines:
        return ask_line(server_, "the last one");
      case Protocol::http: {
        Connection connection(server_);
        return ask_http(connection, post("the last one"), "the last one");
      }
      case Protocol::packets:
        break;
    }
    return ask_packet(trial_, "the last one");
  }

  int harmed() const noexcept { return harmed_; }

 private:
  void count(bool well) noexcept { harmed_ += well ? 0 : 1; }

  void lines() {
    std::optional<Connection> steady;
    bool steady_is_well = true;
    if (trial_.cell().concurrent) {
      steady.emplace(server_);
      steady_is_well = ask_line(*steady, "steady");
    }
    count(ask_line(server_, "hello"));
    count(ask_line(server_, kLarge));
    reset("half a l");
    count(ask_line(server_, "hello again"));
    if (!steady) return;
    count(steady_is_well && ask_line(*steady, "steady still"));
  }

  void http() {
    Connection steady(server_);
    const bool is_well = ask_http(steady, post("steady"), "steady");
    {
      Connection several(server_);
      const std::string file = "/" + std::string(kFileName);
      count(ask_http(several, get(file), file_content()) &&
            ask_http(several, get(file, "HEAD"), "") && ask_http(several, post(kLarge), kLarge));
    }
    reset("POST / HTTP/1.1\r\nHo");
    count(is_well && ask_http(steady, post("steady still"), "steady still"));
  }

  void reset(std::string_view bytes) {
    Connection connection(server_);
    connection.send(bytes);
    if (connection.is_open()) connection.client().reset();
  }

  Trial& trial_;
  const Address server_;
  int harmed_ = 0;
};

}  // namespace

std::string file_content() {
  return std::string(50'000, 'F');
}

std::string ask_until_answered(Trial& trial) {
  try {
    for (int i = 0; i < 10; ++i) {
      if (Visit(trial).once()) return "";
    }
  } catch (const Wrong& wrong) {
    return wrong.what();
  }
  return "it serves nobody any more";
}

Experience visit(Trial& trial) {
  Visit clients(trial);
  std::string problem;
  try {
    clients.all();
  } catch (const Wrong& wrong) {
    problem = wrong.what();
  }
  if (problem.empty() && !trial.has_refused()) problem = ask_until_answered(trial);
  return {.problem = problem, .harmed = clients.harmed()};
}

}  // namespace socketserver::faults
