#include "engine_options.hpp"

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

constexpr std::uint64_t kMostConnections = 1'000'000;

std::uint64_t parse_workers(const std::string& name, std::string_view text) {
  return parse_number(name, text, 1, kMostWorkers);
}

std::uint64_t parse_connections(const std::string& name, std::string_view text) {
  return parse_number(name, text, 1, kMostConnections);
}

std::uint64_t parse_share(const std::string& name, std::string_view text) {
  return parse_number(name, text, 0, kMostConnections);
}

}  // namespace

EngineOptions::EngineOptions(CLI::App& command) {
  const auto add = [&command](auto parse, const char* name, std::string& value, const char* type,
                              const char* initial, const char* help) {
    CLI::Option* const option = command.add_option(name, value, help);
    check_at_once(option->type_name(type)->default_str(initial), parse);
  };
  command.add_option("--engine", engine_, "How clients are served beside each other")
      ->type_name("NAME")
      ->check(CLI::IsMember(engine_names()))
      ->capture_default_str();
  add(parse_workers, "--workers", workers_, "N", "",
      "Handlers at work of pool, processes of prefork, loops of fiber");
  add(parse_connections, "--max-connections", max_connections_, "N", "10000",
      "Connections open at a time");
  add(parse_share, "--max-per-ip", max_per_ip_, "N", "0",
      "The same for each client's address, or IPv6 network of 64 bits; 0: any number");
  add(parse_duration, "--timeout-header", header_timeout_, "TIME", "10s",
      "For the head of a request; 0: for ever");
  add(parse_duration, "--timeout-idle", idle_timeout_, "TIME", "60s",
      "Between two requests; 0: for ever");
  add(parse_duration, "--timeout-body", body_timeout_, "TIME", "30s",
      "Without a byte moved of a body or an answer; 0: for ever");
  add(parse_size, "--min-rate", min_rate_, "SIZE", "0",
      "Least bytes per second of a body or an answer, after 30 s of waiting; 0: any");
  add(parse_size, "--max-header", max_header_, "SIZE", "64K",
      "All header lines of a request together");
  add(parse_size, "--max-body", max_body_, "SIZE", "64M", "The body of a request; 0: any size");
  add(parse_duration, "--grace", grace_, "TIME", "10s",
      "For answers under way when the server is stopped");
}

void EngineOptions::apply(ServerOptions& options) const {
  Limits& limits = options.limits;
  if (!workers_.empty()) {
    options.workers = parse_workers("--workers", workers_);
    if (!has_workers(engine())) {
      throw CLI::ValidationError("--workers", "means nothing to the engine " + engine_);
    }
  }
  if (!max_connections_.empty()) {
    limits.max_connections = parse_connections("--max-connections", max_connections_);
  }
  if (!max_per_ip_.empty()) {
    limits.max_connections_per_ip = parse_share("--max-per-ip", max_per_ip_);
  }
  if (!header_timeout_.empty()) {
    limits.header_timeout = parse_duration("--timeout-header", header_timeout_);
  }
  if (!idle_timeout_.empty()) {
    limits.keep_alive_timeout = parse_duration("--timeout-idle", idle_timeout_);
  }
  if (!body_timeout_.empty()) {
    limits.io_progress_timeout = parse_duration("--timeout-body", body_timeout_);
  }
  if (!min_rate_.empty()) limits.min_rate = parse_size("--min-rate", min_rate_);
  if (!max_header_.empty()) {
    limits.header_bytes = parse_size("--max-header", max_header_);
    if (limits.header_bytes == 0) throw CLI::ValidationError("--max-header", "must not be 0");
  }
  if (!max_body_.empty()) limits.body_bytes = parse_size("--max-body", max_body_);
  if (!grace_.empty()) limits.drain_grace = parse_duration("--grace", grace_);
  // What an HTTP server of threads does: a handler that ignores the end of the grace holds up
  // nobody.
  options.daemon_threads = true;
}

}  // namespace socketserver::tool
