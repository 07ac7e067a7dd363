#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace socketserver::soak {

/// What processes use at a moment.
struct Usage {
  std::size_t resident_bytes = 0;
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t processes = 0;  // those that have ended and nobody has asked after, too
};

/// Of the process `pid`, which must be alive.
Usage usage_of(pid_t pid);

/// Of that process and its children together.
Usage usage_of_tree(pid_t pid);

/// Whether memory kept growing: the last third of the measurements is above the middle one by more
/// than 5 % and a mebibyte. The first third is what a server needs to get going.
bool keeps_growing(const std::vector<Usage>& measured);

}  // namespace socketserver::soak
