#pragma once

#include <string_view>

namespace socketserver::http {

/// How a script's answer to a request came to its end.
enum class CGIEnd {
  answered,    ///< Whole, as far as one can see.
  redirected,  ///< It named another document to answer with.
  no_head,     ///< It ended without a head.
  bad_head,    ///< Its head was refused.
  timeout,     ///< It took too long.
  too_long,    ///< It wrote more than it may.
  killed,      ///< A signal that is not ours ended it, perhaps in the middle.
  broken,      ///< A FastCGI application broke off, or broke the protocol.
  overloaded,  ///< A FastCGI application has no time for it.
  stopped,     ///< The server is stopping.
  client_gone,
};

/// Why we have ended a script that has come to `end`, for a log.
std::string_view reason_of(CGIEnd end) noexcept;

}  // namespace socketserver::http
