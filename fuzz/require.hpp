#pragma once

#include <cstdio>
#include <cstdlib>

/// Ends the process, and so reports the input at hand, when an invariant does not hold.
inline void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", invariant);
  std::abort();
}
