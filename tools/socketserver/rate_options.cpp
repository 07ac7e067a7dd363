#include "rate_options.hpp"

#include "arguments.hpp"

namespace socketserver::tool {

RateOptions::RateOptions(CLI::App& command) {
  CLI::Option* const rate = command.add_option(
      "--rate", rate_, "Requests that each client's address may make: 10/s, 600/m, 10/s,burst=50");
  check_at_once(rate->type_name("N/s"), parse_rate);
}

void RateOptions::apply(FileHandlerOptions& options) {
  if (rate_.empty()) return;
  limit_ = std::make_unique<RateLimit>(parse_rate("--rate", rate_));
  options.rate = limit_.get();
}

}  // namespace socketserver::tool
