// Each call that the servers make fails once, with each error that it may fail with.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "tests/faults/suite.hpp"

namespace socketserver::faults {
namespace {

struct Fault {
  Call call;
  std::vector<int> errors;
};

// What Linux may answer, and matters: an error that is told from others somewhere, or stands for
// those that are not.
const std::vector<Fault> kFaults = {
    {Call::accept4, {ECONNABORTED, EMFILE, ENOMEM, EAGAIN}},
    {Call::bind, {EADDRINUSE}},
    {Call::chmod, {EPERM}},
    {Call::close, {EIO}},
    {Call::epoll_create1, {EMFILE}},
    {Call::epoll_ctl, {ENOSPC, ENOMEM}},
    {Call::epoll_wait, {EINTR}},
    {Call::eventfd, {EMFILE}},
    {Call::fcntl, {EMFILE}},
    {Call::fork, {EAGAIN}},
    {Call::fstat, {EIO}},
    {Call::getsockname, {ENOBUFS}},
    {Call::listen, {EADDRINUSE}},
    {Call::madvise, {EINVAL}},
    {Call::mmap, {ENOMEM}},
    {Call::mprotect, {ENOMEM}},
    {Call::open, {EMFILE}},
    {Call::openat, {EMFILE}},
    {Call::opendir, {EMFILE}},
    {Call::pidfd_open, {ENOSYS, EMFILE}},
    {Call::poll, {EINTR}},
    {Call::pread, {EIO}},
    {Call::pthread_create, {EAGAIN}},
    {Call::recv, {ECONNRESET, ENOMEM}},
    {Call::recvfrom, {ECONNREFUSED, ENOMEM}},
    {Call::recvmsg, {ECONNREFUSED, ENOMEM}},
    {Call::send, {EPIPE, ENOBUFS}},
    {Call::sendfile, {EIO, EINVAL}},
    {Call::sendmsg, {EPIPE, ENOMEM}},
    {Call::sendto, {ENOBUFS, EPERM}},
    {Call::setsockopt, {ENOMEM}},
    {Call::shutdown, {ENOTCONN}},
    {Call::socket, {EMFILE}},
    {Call::unlink, {EACCES}},
    {Call::waitid, {EINTR}},
};

// Calls of which a server makes many are looked at from their beginning.
constexpr unsigned kMostOfOne = kSanitized ? 6 : 16;

using FailingCalls = Faults;

TEST_P(FailingCalls, one_failure_harms_one_client_at_most) {
  expect_survival({}, 0);
  ASSERT_FALSE(HasFailure());
  const std::vector<unsigned> made = [&] {
    std::vector<unsigned> all;
    all.reserve(kFaults.size());
    for (const Fault& fault : kFaults) all.push_back(counts()[fault.call]);
    return all;
  }();
  for (std::size_t i = 0; i < kFaults.size(); ++i) {
    const unsigned most = std::min(made[i], kMostOfOne);
    for (const int error : kFaults[i].errors) {
      for (unsigned n = 1; n <= most; ++n) {
        expect_survival(failing(kFaults[i].call, error, n), 1);
      }
    }
  }
}

TEST_P(FailingCalls, P13_descriptors_run_out_for_a_while) {
  // Long enough that it shows whether something is tried again, or waited for in vain.
  constexpr unsigned kTimes = 5;
  for (const Call call : {Call::accept4, Call::open, Call::epoll_create1, Call::pidfd_open}) {
    for (unsigned n = 2; n <= 4; ++n) {
      expect_survival(failing(call, EMFILE, n, kTimes), static_cast<int>(kTimes));
    }
  }
}

TEST_P(FailingCalls, neither_guards_nor_protection_of_stacks) {
  // Where the kernel knows no guard pages, memory is protected, which may fail too.
  for (unsigned n = 1; n <= 3; ++n) {
    expect_survival(failing({Call::madvise, Call::mprotect}, ENOMEM, n, 4), 4);
  }
}

INSTANTIATE_TEST_SUITE_P(, FailingCalls, ::testing::ValuesIn(all_cells()), name_of_cell);

}  // namespace
}  // namespace socketserver::faults
