#pragma once

#include <string>
#include <string_view>

#include "tests/faults/trial.hpp"

namespace socketserver::faults {

/// What the clients of a server have seen.
struct Experience {
  std::string problem;  ///< "" when there was none.
  int harmed = 0;       ///< Clients that did not get their whole answer.
};

/// The file that HTTP clients ask for.
inline constexpr std::string_view kFileName = "file";
std::string file_content();

/// Sends the usual clients to a server: small and large requests, one that comes again, one that
/// resets its connection, and at last one that must be served whatever has happened before.
///
/// An answer may be missing or break off when a call has gone wrong; it must never be another one.
Experience visit(Trial& trial);

/// As the last client of `visit`: sends clients until one gets its answer. Returns a problem or "".
std::string ask_until_answered(Trial& trial);

}  // namespace socketserver::faults
