#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace socketserver::bench {

/// User and system time that a process and its descendants, ended ones included, have used so far.
///
/// Living processes count to the nanosecond, with threads that have ended; ended children that
/// their parent has waited for count in clock ticks (10 ms for all of them together). Children of a
/// parent that ignores SIGCHLD are lost when they end.
///
/// @throws OSError when there is no such process.
std::chrono::nanoseconds cpu_time_of_tree(pid_t root);

/// Memory of a process and its descendants in bytes: resident pages, each shared one divided by its
/// users (Pss), and page tables (VmPTE). What the kernel holds for sockets is not in it.
///
/// @throws OSError when there is no such process.
std::uint64_t memory_of_tree(pid_t root);

}  // namespace socketserver::bench
