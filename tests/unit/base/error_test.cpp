#include <socketserver/base/error.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <exception>
#include <string>
#include <type_traits>

namespace socketserver {
namespace {

TEST(Error, the_text_names_the_operation_its_object_and_the_cause) {
  const OSError error(std::make_error_code(std::errc::permission_denied), "bind 127.0.0.1:80");
  EXPECT_STREQ(error.what(), "bind 127.0.0.1:80: Permission denied");
  EXPECT_EQ(error.code(), std::errc::permission_denied);
}

TEST(Error, a_timeout_is_an_os_error_with_its_own_type) {
  const TimeoutError error("recv");
  EXPECT_EQ(error.code(), std::errc::timed_out);
  EXPECT_EQ(std::string(error.what()).rfind("recv: ", 0), 0u);
  EXPECT_TRUE((std::is_base_of_v<OSError, TimeoutError>));
  EXPECT_TRUE((std::is_base_of_v<std::system_error, OSError>));
}

TEST(Error, throw_os_error_chooses_the_type_by_the_code) {
  EXPECT_THROW(throw_os_error({ETIMEDOUT, std::system_category()}, "read"), TimeoutError);
  EXPECT_THROW(throw_os_error(std::make_error_code(std::errc::timed_out), "read"), TimeoutError);
  try {
    throw_os_error({ECONNRESET, std::system_category()}, "read");
  } catch (const TimeoutError&) {
    FAIL() << "a reset is no timeout";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_reset);
    EXPECT_STREQ(error.what(), "read: Connection reset by peer");
  }
}

TEST(Error, last_error_is_errno) {
  errno = ENOENT;
  EXPECT_EQ(last_error(), std::errc::no_such_file_or_directory);
}

TEST(Error, exits_pass_by_handlers_of_std_exception) {
  EXPECT_FALSE((std::is_base_of_v<std::exception, SystemExit>));
  EXPECT_FALSE((std::is_base_of_v<std::exception, KeyboardInterrupt>));
}

}  // namespace
}  // namespace socketserver
