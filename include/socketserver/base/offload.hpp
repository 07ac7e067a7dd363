#pragma once

#include <functional>
#include <future>
#include <type_traits>
#include <utility>

#include <socketserver/base/flow.hpp>

namespace socketserver {

namespace detail {

/// Runs `job`, which must not throw, on a helper thread while the current flow parks.
///
/// @throws std::system_error when there is no helper thread and none can be started.
void run_on_helper_thread(const std::function<void()>& job);

}  // namespace detail

/// Calls `f` where it may block: what a handler on a fiber wraps around a call that would stop its
/// whole loop, such as a name look-up, a database client or heavy computation.
///
/// On a fiber, `f` runs on a helper thread while the fiber parks and its loop runs others. On a
/// plain thread, which may block anyway, it is simply called. So a handler that uses it runs
/// unchanged under every engine.
///
/// ```cpp
/// const auto rows = offload([&] { return database.query(sql); });
/// ```
/// For the caller: `f` may use everything of the caller's by reference, for the caller waits; but
/// not what belongs to its thread or fiber, such as thread-local variables. There is no way to give
/// up early: neither deadlines nor a stopping server cut `f` short. There are at most 64 helper
/// threads, calls beyond that wait in order; so `f` should not wait for something that only another
/// offloaded call brings about. A helper thread ends after 10 s of idleness; while there is one,
/// the forking engines refuse to start. A forked child starts helper threads of its own.
/// Thread safety: from any flow.
///
/// @param f  called once, without arguments.
/// @return what `f` returns, references included.
/// @throws what `f` throws, or std::system_error when there is no helper thread and none can be
///         started; `f` was not called then.
/// Source: Python `asyncio.to_thread`.
template <class F>
std::invoke_result_t<F> offload(F&& f) {
  if (Flow::current().is_thread()) return std::invoke(std::forward<F>(f));

  using Result = std::invoke_result_t<F>;
  std::packaged_task<Result()> task([&f]() -> Result { return std::invoke(std::forward<F>(f)); });
  detail::run_on_helper_thread(std::ref(task));
  return task.get_future().get();
}

}  // namespace socketserver
