#include "service_command.hpp"

#include <string_view>

#include "arguments.hpp"
#include "engine.hpp"
#include "listen_options.hpp"
#include "serving.hpp"

namespace socketserver::tool {
namespace {

constexpr std::uint64_t kLargestNumber = 1'000'000;

constexpr const char* kDefaultPort = "0";

constexpr const char* kServiceFooter =
    "Over UDP an answer goes to whomever the packet names as its sender, truly or not. Bound to a\n"
    "public address, these services can be used to flood others.";

/// A path, or "@" and an abstract name.
Address unix_address(std::string_view name) {
  const bool is_abstract = name.starts_with('@');
  if (name.size() <= (is_abstract ? 1 : 0)) {
    throw CLI::ValidationError("--unix", "must be a path or @name, not " + in_quotes(name));
  }
  return is_abstract ? Address::unix_abstract(name.substr(1)) : Address::unix_path(name);
}

/// "tcp 127.0.0.1 port 7", "unix /run/echo", "unix-dgram @echo".
std::string text_of(const Address& address, bool datagrams) {
  if (address.family() == AddressFamily::unix_domain) {
    constexpr std::string_view kPrefix = "unix:";
    return (datagrams ? "unix-dgram " : "unix ") + address.to_string().substr(kPrefix.size());
  }
  return (datagrams ? "udp " : "tcp ") + address.host() + " port " + std::to_string(address.port());
}

}  // namespace

ServiceCommand::ServiceCommand(CLI::App& program, const Service& service)
    : service_(service),
      command_(program.add_subcommand(
          service.name, service.summary + (" (RFC " + std::to_string(service.rfc)) + ").")) {
  command_->footer(kServiceFooter);
  command_->add_flag("--udp", datagrams_, "Serve packets instead of connections");
  CLI::Option* const unix_name =
      command_->add_option("--unix", unix_name_, "Unix socket to serve on; @NAME: an abstract one")
          ->type_name("PATH");
  command_->add_option("PORT", place_, "The same as --port")->type_name("")->excludes(unix_name);
  add_repeatable(*command_, "-p,--port", ports_,
                 "Port to listen on; 0 lets the system choose (well-known: " +
                     std::to_string(service.well_known_port) + ")")
      ->type_name("N")
      ->default_str(kDefaultPort)
      ->excludes(unix_name);
  add_repeatable(*command_, "-b,--bind", hosts_, "Address to listen on; may come again")
      ->type_name("ADDR")
      ->default_str(hosts_.front())
      ->excludes(unix_name);
  command_->add_option("--engine", engine_, "How clients are served beside each other")
      ->type_name("NAME")
      ->check(CLI::IsMember(engine_names()))
      ->capture_default_str();
  command_
      ->add_option("--workers", workers_, "Threads of a pool, processes of prefork, fiber loops")
      ->type_name("N");
  command_->add_option("--max-connections", max_connections_, "Connections open at a time")
      ->type_name("N")
      ->capture_default_str();
  command_
      ->add_option("--max-per-ip", max_per_ip_,
                   "The same for each client's address, or IPv6 network of 64 bits; 0: any")
      ->type_name("N")
      ->capture_default_str();
  command_
      ->add_option("--timeout", timeout_, "Close a connection that is idle for so long; 0: never")
      ->type_name("TIME")
      ->capture_default_str();
}

int ServiceCommand::run() const {
  const auto server = make_server();
  serve_until_signal(*server, announcement(*server));
  return 0;
}

std::vector<Address> ServiceCommand::addresses() const {
  if (unix_name_) return {unix_address(*unix_name_)};
  auto ports = ports_;
  if (!place_.empty()) ports.insert(ports.begin(), place_);
  const int port = parse_port(only_value("port", ports, kDefaultPort));
  std::vector<Address> addresses;
  addresses.reserve(hosts_.size());
  for (const std::string& host : hosts_) addresses.push_back(bind_address(host, port));
  require_different(addresses);
  return addresses;
}

ServerOptions ServiceCommand::options() const {
  constexpr std::size_t kLargestPacket = 65'536;
  ServerOptions options{
      .allow_reuse_address = !datagrams_,  // to sockets of packets it means a share of the port
      .unlink_on_close = true,
      .replace_stale_socket = true,
      .max_packet_size = kLargestPacket,
  };
  if (!workers_.empty()) options.workers = parse_number("--workers", workers_, 1, kMostWorkers);
  options.limits.max_connections =
      parse_number("--max-connections", max_connections_, 1, kLargestNumber);
  options.limits.max_connections_per_ip =
      parse_number("--max-per-ip", max_per_ip_, 0, kLargestNumber);
  return options;
}

std::unique_ptr<BaseServer> ServiceCommand::make_server() const {
  const Engine engine = engine_named(engine_);
  ServerOptions options = this->options();
  if (options.workers && !has_workers(engine)) {
    throw CLI::ValidationError("--workers", "means nothing to the engine " + engine_);
  }
  const Duration idle = parse_duration("--timeout", timeout_);
  const auto all = addresses();
  const Address& first = all.front();
  options.more_addresses.assign(all.begin() + 1, all.end());
  if (datagrams_) {
    const DatagramHandler handler = service_.datagram_handler(idle);
    return unix_name_ ? make_server_with<UnixDatagramServer>(engine, first, handler, options)
                      : make_server_with<UDPServer>(engine, first, handler, options);
  }
  const StreamHandler handler = service_.stream_handler(idle);
  return unix_name_ ? make_server_with<UnixStreamServer>(engine, first, handler, options)
                    : make_server_with<TCPServer>(engine, first, handler, options);
}

std::string ServiceCommand::announcement(const BaseServer& server) const {
  std::string text;
  for (const Address& address : server.server_addresses()) {
    text += (text.empty() ? "" : "\n") + ("Serving " + std::string(service_.name)) + " on " +
            text_of(address, datagrams_) + " (" + engine_ + ") ...";
  }
  return text;
}

}  // namespace socketserver::tool
