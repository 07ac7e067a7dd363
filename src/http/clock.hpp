#pragma once

#include <string_view>

namespace socketserver::http {

/// The present as the `Date` header has it. Lives until the next call on this thread.
std::string_view date_now();

/// The present as logs have it. Lives until the next call on this thread.
std::string_view log_date_now();

}  // namespace socketserver::http
