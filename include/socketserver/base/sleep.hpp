#pragma once

#include <socketserver/base/deadline.hpp>

namespace socketserver {

/// Lets `span` pass: a thread sleeps, a fiber lets its loop run others.
///
/// Spans of zero or less return at once. Never returns early: neither signals nor permits left over
/// from an earlier wait shorten it. A server that stops waits for the sleeper as for any handler
/// that is at work.
/// Source: Python `time.sleep`.
void sleep_for(Duration span);

/// As `sleep_for`, up to `deadline`; `Deadline::never()` is for ever.
void sleep_until(Deadline deadline);

}  // namespace socketserver
