#include "tests/matrix/journal.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/error.hpp>
#include <socketserver/base/sleep.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver::matrix {

void Journal::add(std::string_view what) noexcept {
  const std::size_t index = shared_->begun++;
  if (index >= kCapacity) return;
  Entry& entry = shared_->all[index];
  std::ranges::copy(what.substr(0, entry.what.size() - 1), entry.what.begin());
  entry.process = ::getpid();
  entry.thread = ::gettid();
  entry.complete = true;
}

void Journal::enter(std::string_view what) {
  add(what);
  if (must_fail(what)) throw std::runtime_error(std::string(what) + " fails");
}

bool Journal::must_fail(std::string_view what) noexcept {
  const char* failing = shared_->failing;
  return failing != nullptr && what == failing &&
         shared_->failing.compare_exchange_strong(failing, nullptr);
}

std::vector<Note> Journal::notes() const {
  std::vector<Note> notes;
  const std::size_t begun = std::min(shared_->begun.load(), kCapacity);
  for (std::size_t i = 0; i < begun; ++i) {
    const Entry& entry = shared_->all[i];
    if (entry.complete) notes.push_back({entry.what.data(), entry.process, entry.thread});
  }
  return notes;
}

int Journal::count(std::string_view what) const {
  const auto all = notes();
  return static_cast<int>(
      std::ranges::count_if(all, [what](const Note& note) { return note.what == what; }));
}

void Journal::wait_for(std::string_view what, int times) const {
  testing::wait_until(std::string(what) + " is noted " + std::to_string(times) + " times",
                      [&] { return count(what) >= times; });
}

void Gate::pass() const {
  const Deadline patience = Deadline::after(testing::kPatience);
  while (!*open_) {
    if (patience.expired()) throw TimeoutError("wait until the gate is open");
    sleep_for(std::chrono::milliseconds(1));  // as the engine under test sleeps
  }
}

}  // namespace socketserver::matrix
