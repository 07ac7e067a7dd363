#pragma once

#include <string>

namespace socketserver {

/// The calling thread's name: "MainThread", or "Thread-N", numbered from 1 in the order in which
/// threads first ask.
///
/// Source: Python `threading.current_thread().name`, in the short form of its older versions.
std::string current_thread_name();

}  // namespace socketserver
