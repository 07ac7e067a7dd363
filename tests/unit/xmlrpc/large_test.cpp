#include "xmlrpc/large.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "../base/fake_fiber.hpp"
#include "../base/no_more_threads.hpp"
#include "rpc_server.hpp"

namespace socketserver::testing {
namespace {

using xmlrpc::Value;

bool is_helped() {
  try {
    offload([] {});
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void call_without_helpers() {
  int calls = 0;
  RPCServer<FiberXMLRPCServer> fibers;
  fibers->register_function([] { return is_helped(); }, "is_helped");
  fibers->register_function(
      [&calls](const std::string& text) {
        ++calls;
        return text;
      },
      "echo");
  const NoMoreThreads no_more_threads;
  EXPECT_EQ(fibers.call("is_helped"), Value(false));
  const std::string text(std::size_t{1} << 20, 'x');
  EXPECT_TRUE(fibers.call("echo", {text}) == Value(text));
  const Answer packed = fibers.post(call_text("echo", {text}), "Accept-Encoding: gzip\r\n");
  EXPECT_TRUE(value_of(xmlrpc::gzip_decode(packed.body).data.value_or("")) == Value(text));
  const Answer json =
      fibers.post(R"({"jsonrpc":"2.0","id":1,"method":"echo","params":[")" + text + "\"]}",
                  "Content-Type: application/json\r\n");
  EXPECT_TRUE((*xmlrpc::loads_json(json.body).value)["result"] == Value(text));
  EXPECT_EQ(calls, 3);
  std::_Exit(::testing::Test::HasFailure() ? 1 : 0);
}

// In a process of its own: here there may be a helper thread already.
TEST(Large, messages_are_answered_where_no_helper_thread_can_be_had) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(call_without_helpers(), ::testing::ExitedWithCode(0), "");
}

TEST(Large, what_a_call_throws_is_no_reason_to_repeat_it) {
  int calls = 0;
  {
    const FakeFiber fiber([&calls] {
      const auto fail = [&calls] {
        ++calls;
        throw std::system_error(std::make_error_code(std::errc::io_error));
      };
      EXPECT_THROW(xmlrpc::call_beside(true, fail), std::system_error);
    });
  }
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace socketserver::testing
