// The disk is full, or fails, at every call that an upload makes.

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/testing/raw_client.hpp>

#include "tests/faults/suite.hpp"

namespace socketserver::faults {
namespace {

struct DiskFault {
  Call call;
  int error;
  std::string status;  // the answer where the call is the upload's own; "" where it may go on
};

const std::vector<DiskFault> kDiskFaults = {
    {Call::pwrite, ENOSPC, "507"},    {Call::pwrite, EDQUOT, "507"}, {Call::pwrite, EFBIG, "413"},
    {Call::pwrite, EIO, "500"},       {Call::fsync, ENOSPC, "507"},  {Call::fsync, EIO, "500"},
    {Call::mkdirat, ENOSPC, "507"},   {Call::mkdirat, EACCES, ""},   {Call::linkat, ENOSPC, "507"},
    {Call::renameat, ENOSPC, "507"},  {Call::openat, EMFILE, ""},    {Call::openat, ENOSPC, ""},
    {Call::openat, EOPNOTSUPP, ""},   {Call::fstat, EIO, ""},        {Call::renameat2, EINVAL, ""},
    {Call::renameat2, ENOSPC, "507"},
};

const std::string kName = "new/file";
const std::string kBody(300'000, 'U');

constexpr unsigned kMostOfOneDiskCall = kSanitized ? 4 : 12;

/// What is in a directory and below it, except for the socket.
std::set<std::string> names_in(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    names.insert(entry.path().lexically_relative(directory).string());
  }
  return names;
}

/// The status of the answer; "" when there is none.
std::string ask(const Trial& trial, const std::string& start, const std::string& body) {
  try {
    testing::RawClient client(trial.address(), kPatience);
    client.send(start +
                " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                "Content-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.read_all().substr(9, 3);
  } catch (const TimeoutError&) {
    throw;
  } catch (const std::exception&) {
    return "";  // refused, or cut off: it happened to the connection and not to the file
  }
}

class Uploads : public Faults {
 protected:
  std::string upload(const Trial& trial, const std::string& body) {
    return ask(trial, "PUT /" + kName, body);
  }

  std::string content() const {
    std::ifstream file(directory() + '/' + kName, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  /// An upload while calls go wrong as planned, then another one while none does. Returns the first
  /// one's status.
  std::string upload_twice(const Plan& plan) {
    SCOPED_TRACE(plan.text());
    const std::set<std::string> before = names_in(directory());
    Trial trial(GetParam(), plan, directory());
    if (!trial.wait_until_serving()) {
      EXPECT_EQ(trial.end(), "");
      return "";
    }
    const std::string status = upload(trial, kBody);
    const bool taken = status == "201";
    std::set<std::string> now = names_in(directory());
    now.erase("new");  // which may be there already
    // Once it has its name, the disk may still fail to keep that.
    const bool named = now.erase(kName) == 1;
    EXPECT_TRUE(named == taken || (named && plan.calls.contains(Call::fsync))) << status;
    EXPECT_TRUE(!named || content() == kBody);
    EXPECT_EQ(now, before);

    struck_ = trial.struck();
    trial.course().plan = {};
    EXPECT_EQ(upload(trial, "the next one"), named ? "204" : "201");
    EXPECT_TRUE(content() == "the next one");
    EXPECT_EQ(ask(trial, "DELETE /" + kName, ""), "204");
    EXPECT_EQ(ask(trial, "DELETE /new", ""), "204");
    EXPECT_EQ(names_in(directory()), before);
    EXPECT_EQ(trial.end(), "");
    return status;
  }

  /// How many calls have gone wrong until the first answer was there.
  unsigned struck() const noexcept { return struck_; }

 private:
  unsigned struck_ = 0;
};

TEST_P(Uploads, a_failure_loses_nothing_but_itself) {
  ASSERT_EQ(upload_twice({}), "201");
  for (const DiskFault& fault : kDiskFaults) {
    for (unsigned n = 1; n <= kMostOfOneDiskCall; ++n) {
      const std::string status = upload_twice(failing(fault.call, fault.error, n));
      if (struck() == 0) break;
      if (!fault.status.empty()) {
        EXPECT_TRUE(status == "201" || status == fault.status) << status;
      }
      ASSERT_FALSE(HasFailure());
    }
  }
}

TEST_P(Uploads, a_disk_that_is_full_for_good_is_said_each_time) {
  Trial trial(GetParam(), {.calls = {Call::pwrite}, .error = ENOSPC}, directory());
  ASSERT_TRUE(trial.wait_until_serving());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(upload(trial, kBody), "507");
  EXPECT_FALSE(names_in(directory()).contains(kName));
  EXPECT_EQ(trial.end(), "");
}

TEST_P(Uploads, writes_are_short_and_interrupted) {
  EXPECT_EQ(upload_twice({.calls = {Call::pwrite}, .most = 1000}), "201");
  EXPECT_EQ(upload_twice({.calls = {Call::pwrite}, .error = EINTR, .every = 2}), "201");
}

INSTANTIATE_TEST_SUITE_P(, Uploads, ::testing::ValuesIn(store_cells()), name_of_cell);

}  // namespace
}  // namespace socketserver::faults
