#include "engine_options.hpp"

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

constexpr std::uint64_t kMostConnections = 1'000'000;

}  // namespace

EngineOptions::EngineOptions(CLI::App& command) {
  const auto add = [&command](const char* name, std::string& value, const char* type,
                              const char* initial, const char* help) {
    command.add_option(name, value, help)->type_name(type)->default_str(initial);
  };
  command.add_option("--engine", engine_, "How clients are served beside each other")
      ->type_name("NAME")
      ->check(CLI::IsMember(engine_names()))
      ->capture_default_str();
  command
      .add_option("--workers", workers_,
                  "Handlers at work of pool, processes of prefork, loops of fiber")
      ->type_name("N");
  add("--max-connections", max_connections_, "N", "10000", "Connections open at a time");
  add("--max-per-ip", max_per_ip_, "N", "0",
      "The same for each client's address, or IPv6 network of 64 bits; 0: any number");
  add("--timeout-header", header_timeout_, "TIME", "10s", "For the head of a request; 0: for ever");
  add("--timeout-idle", idle_timeout_, "TIME", "60s", "Between two requests; 0: for ever");
  add("--timeout-body", body_timeout_, "TIME", "30s",
      "Without a byte moved of a body or an answer; 0: for ever");
  add("--min-rate", min_rate_, "SIZE", "0",
      "Least bytes per second of a body or an answer, after 30 s of waiting; 0: any");
  add("--max-header", max_header_, "SIZE", "64K", "All header lines of a request together");
  add("--max-body", max_body_, "SIZE", "64M", "The body of a request; 0: any size");
  add("--grace", grace_, "TIME", "10s", "For answers under way when the server is stopped");
}

void EngineOptions::apply(ServerOptions& options) const {
  Limits& limits = options.limits;
  if (!workers_.empty()) {
    options.workers = parse_number("--workers", workers_, 1, kMostWorkers);
    if (!has_workers(engine())) {
      throw CLI::ValidationError("--workers", "means nothing to the engine " + engine_);
    }
  }
  if (!max_connections_.empty()) {
    limits.max_connections =
        parse_number("--max-connections", max_connections_, 1, kMostConnections);
  }
  if (!max_per_ip_.empty()) {
    limits.max_connections_per_ip = parse_number("--max-per-ip", max_per_ip_, 0, kMostConnections);
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
