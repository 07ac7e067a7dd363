#include "base/helper_threads.hpp"

#include <system_error>
#include <utility>

namespace socketserver::detail {

struct HelperThreads::Job : WaitNode {
  explicit Job(const std::function<void()>& job_work) : work(job_work) {}

  const std::function<void()>& work;
};

HelperThreads::HelperThreads(std::size_t most, Duration idle_limit)
    : most_(most), idle_limit_(idle_limit) {}

HelperThreads::~HelperThreads() {
  std::thread last;
  {
    const ThreadLock lock(mutex_);
    ending_ = true;
    work_.notify_all();
    while (!threads_.empty()) changed_.wait(mutex_);
    last = std::move(last_ended_);
  }
  if (last.joinable()) last.join();
}

void HelperThreads::run(const std::function<void()>& work) {
  Job job(work);
  const ThreadLock lock(mutex_);
  // First the thread: when it cannot be had, nothing is to be undone.
  if (idle_ <= waiting_jobs_ && threads_.size() < most_) start_thread();
  jobs_.push_back(job);
  ++waiting_jobs_;
  work_.notify_one();
  job.wait(mutex_, Deadline::never());
}

void HelperThreads::start_thread() {
  const auto self = threads_.emplace(threads_.end());
  try {
    // The new thread needs the mutex, so it starts to serve only when its record is complete.
    *self = std::thread([this, self] { serve(self); });
  } catch (const std::system_error&) {
    threads_.erase(self);
    if (threads_.empty()) throw;  // else the others do it, a little later
  }
}

void HelperThreads::serve(Threads::iterator self) {
  std::thread before;
  {
    const ThreadLock lock(mutex_);
    while (wait_for_job()) {
      Job& job = take_job();
      mutex_.unlock();
      job.work();
      mutex_.lock();
      job.wake();
    }
    before = std::exchange(last_ended_, std::move(*self));
    threads_.erase(self);
    changed_.notify_all();
  }
  if (before.joinable()) before.join();
}

bool HelperThreads::wait_for_job() {
  const Deadline deadline = Deadline::after(idle_limit_);
  ++idle_;
  while (jobs_.empty() && !ending_ && !deadline.expired()) {
    work_.wait_for(mutex_, deadline.remaining());
  }
  --idle_;
  if (ending_) changed_.notify_all();
  return !jobs_.empty();
}

HelperThreads::Job& HelperThreads::take_job() {
  auto& job = static_cast<Job&>(*jobs_.front());
  jobs_.remove(job);
  --waiting_jobs_;
  return job;
}

void HelperThreads::end_idle() {
  std::thread last;
  {
    const ThreadLock lock(mutex_);
    ending_ = true;
    work_.notify_all();
    while (idle_ > 0) changed_.wait(mutex_);
    last = std::exchange(last_ended_, std::thread());
  }
  if (last.joinable()) last.join();
}

std::size_t HelperThreads::running() const {
  const ThreadLock lock(mutex_);
  return threads_.size();
}

}  // namespace socketserver::detail
