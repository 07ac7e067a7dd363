#include "services.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <tuple>

#include <socketserver/server/base_server.hpp>

namespace socketserver::tool {
namespace {

constexpr std::size_t kPieceSize = std::size_t{16} * 1024;

/// What the services have in common. Each says what it does with a connection, and with a packet.
class ServiceHandler : public StreamRequestHandler {
 public:
  explicit ServiceHandler(Duration idle_timeout) : idle_timeout_(idle_timeout) {}

 protected:
  virtual void serve_connection() = 0;

  /// The packet to send back, if any.
  virtual std::optional<std::string> answer(const std::string& packet) = 0;

  void handle() override {
    if (!request().is_datagram()) return serve_connection();
    // A forged packet could have two services answer each other for ever. The ports of services are
    // low, those of clients are not.
    constexpr std::uint16_t kFirstClientPort = 1024;
    const std::uint16_t port = client_address().port();
    if (client_address().family() != AddressFamily::unix_domain && port < kFirstClientPort) return;
    if (const auto packet = answer(request().datagram().data)) request().reply(*packet);
  }

  std::optional<Duration> timeout() const override {
    return idle_timeout_ > Duration::zero() ? std::optional(idle_timeout_) : std::nullopt;
  }

 private:
  const Duration idle_timeout_;
};

/// RFC 862: what comes goes back.
struct Echo : ServiceHandler {
  using ServiceHandler::ServiceHandler;

  void serve_connection() override {
    for (;;) {
      const std::string piece = rfile().read_some(kPieceSize);
      if (piece.empty()) return;
      wfile().write(piece);
    }
  }

  std::optional<std::string> answer(const std::string& packet) override { return packet; }
};

/// RFC 863: what comes is thrown away.
struct Discard : ServiceHandler {
  using ServiceHandler::ServiceHandler;

  void serve_connection() override {
    while (!rfile().read_some(kPieceSize).empty()) {
      // Nothing is owed for it. Having written, if only nothing, the connection is idle again and
      // does not hold up a server that stops.
      if (request().stream().write_some({}, Deadline::never()).ec) return;
    }
  }

  std::optional<std::string> answer(const std::string& /*packet*/) override { return {}; }
};

/// RFC 867: the date and the time for people, in the form that the RFC proposes.
struct Daytime : ServiceHandler {
  using ServiceHandler::ServiceHandler;

  void serve_connection() override { wfile().write(now()); }

  std::optional<std::string> answer(const std::string& /*packet*/) override { return now(); }

  static std::string now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 128> text;
    return {text.data(),
            std::strftime(text.data(), text.size(), "%A, %B %d, %Y %H:%M:%S-%Z\r\n", &parts)};
  }
};

/// RFC 868: the seconds since 1900 in four bytes, the highest first. They begin again in 2036.
struct Time : ServiceHandler {
  using ServiceHandler::ServiceHandler;

  void serve_connection() override { wfile().write(now()); }

  std::optional<std::string> answer(const std::string& /*packet*/) override { return now(); }

  static std::string now() {
    constexpr std::int64_t k1970 = 2'208'988'800;
    const auto seconds = static_cast<std::uint32_t>(k1970 + std::time(nullptr));
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(seconds >> shift & 0xff);
    return bytes;
  }
};

/// RFC 864: characters without end to a connection, a random number of them for a packet.
struct Chargen : ServiceHandler {
  using ServiceHandler::ServiceHandler;

  void serve_connection() override {
    while (!server().stop_requested()) {
      wfile().write(pattern());
      discard_received();
    }
  }

  std::optional<std::string> answer(const std::string& /*packet*/) override {
    constexpr std::size_t kMost = 512;
    std::random_device random;
    return pattern().substr(0, std::uniform_int_distribution<std::size_t>(0, kMost)(random));
  }

  /// Throws away what the client has sent so far, lest it wait for ever to send the rest. What
  /// fails here fails in the next write too.
  void discard_received() {
    std::array<char, 4096> piece;
    std::ignore = request().stream().read_some(piece, Deadline::after(Duration::zero()));
  }

  /// The lines that the RFC proposes: 72 of the printable characters each, every line beginning one
  /// character later, up to where they repeat.
  static const std::string& pattern() {
    static const std::string lines = [] {
      constexpr char kFirst = ' ';
      constexpr int kPrintable = 95;
      constexpr int kLineLength = 72;
      std::string text;
      for (int line = 0; line < kPrintable; ++line) {
        for (int i = 0; i < kLineLength; ++i) {
          text += static_cast<char>(kFirst + (line + i) % kPrintable);
        }
        text += "\r\n";
      }
      return text;
    }();
    return lines;
  }
};

template <class Handler>
constexpr Service service(const char* name, int rfc, int well_known_port, const char* summary) {
  return {
      .name = name,
      .rfc = rfc,
      .well_known_port = well_known_port,
      .summary = summary,
      .stream_handler = [](Duration idle) -> StreamHandler { return handler<Handler>(idle); },
      .datagram_handler = [](Duration idle) -> DatagramHandler { return handler<Handler>(idle); },
  };
}

constexpr std::array kServices = {
    service<Echo>("echo", 862, 7, "Send back what comes"),
    service<Discard>("discard", 863, 9, "Throw away what comes"),
    service<Daytime>("daytime", 867, 13, "Tell the date and the time to people"),
    service<Time>("time", 868, 37, "Tell the seconds since 1900 to machines"),
    service<Chargen>("chargen", 864, 19, "Send characters without end"),
};

}  // namespace

std::span<const Service> services() {
  return kServices;
}

}  // namespace socketserver::tool
