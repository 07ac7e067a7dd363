#include "rate_options.hpp"

namespace socketserver::tool {

RateOptions::RateOptions(CLI::App& command) {
  command
      .add_option("--rate", rate_,
                  "Requests that each client's address may make: 10/s, 600/m, 10/s,burst=50")
      ->type_name("N/s");
}

void RateOptions::apply(FileHandlerOptions& options) {
  if (rate_.empty()) return;
  limit_ = std::make_unique<RateLimit>(parse_rate("--rate", rate_));
  options.rate = limit_.get();
}

}  // namespace socketserver::tool
