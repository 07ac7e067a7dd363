#pragma once

namespace socketserver::detail {

/// Has `current_thread_name` call this thread by a new name: it begins with another request, as a
/// new thread would.
void forget_thread_name() noexcept;

}  // namespace socketserver::detail
