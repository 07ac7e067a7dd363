// What clients send, or do not send, to have the server work, wait or hold memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>

#include <socketserver/testing/wait.hpp>

#include "rpc_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using xmlrpc::Value;

constexpr std::size_t kMillion = 1'000'000;

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

/// A server of one thread, whose processor time can be had.
class Single {
 public:
  Single() {
    server->register_function([this] { return ::pthread_getcpuclockid(::pthread_self(), &clock_); },
                              "find_clock");
    EXPECT_TRUE(serves());
  }

  bool serves() { return server.call("find_clock") == Value(0); }

  /// Whether its thread does next to nothing for a while.
  bool rests() const {
    const Duration before = cpu_time();
    (void)Event("never").wait_for(200ms);
    return cpu_time() - before < 20ms;
  }

  RPCServer<SimpleXMLRPCServer> server;

 private:
  Duration cpu_time() const {
    timespec time{};
    EXPECT_EQ(::clock_gettime(clock_, &time), 0);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  clockid_t clock_ = 0;
};

constexpr std::string_view kBegun =
    "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n<methodCall>";

TEST(XMLRPCHostile, XR_137_a_client_that_leaves_in_the_middle_costs_nothing) {
  Single single;
  RawClient client = single.server.connect();
  client.send(kBegun);
  EXPECT_TRUE(single.rests()) << "while it waits for the rest";
  client.reset();
  EXPECT_TRUE(single.rests());
  EXPECT_TRUE(single.serves());
}

TEST(XMLRPCHostile, XR_137_a_client_that_sends_no_more_is_answered_and_costs_nothing) {
  Single single;
  RawClient client = single.server.connect();
  client.send(kBegun);
  client.half_close();
  EXPECT_EQ(fault_of_text(read_answer(client).body).code(), 1);
  EXPECT_TRUE(client.at_eof());
  EXPECT_TRUE(single.rests());
  EXPECT_TRUE(single.serves());
}

// Packed, so that all of it has been sent when the server has seen enough.
TEST(XMLRPCHostile, a_million_arrays_in_one_another_are_a_fault) {
  Limits limits;
  limits.xmlrpc_bytes = std::size_t{32} << 20;
  RPCServer<ThreadingXMLRPCServer> server(
      handler<SimpleXMLRPCRequestHandler>({.decode_expansion = 0}), {}, limits);
  server->register_function([](const Value& value) { return value; }, "echo");
  const std::string xml = "<methodCall><methodName>echo</methodName><params><param>" +
                          repeated("<value><array><data>", kMillion);
  const Answer fault = server.post(xmlrpc::gzip_encode(xml), "Content-Encoding: gzip\r\n");
  EXPECT_THAT(fault_of_text(fault.body).text(), HasSubstr("more than 64 arrays"));
  const std::string json =
      R"({"jsonrpc":"2.0","id":1,"method":"echo","params":)" + repeated("[", kMillion);
  const Answer error = server.post(json, "Content-Type: application/json\r\n");
  EXPECT_THAT(error.body, HasSubstr("more than 64 arrays"));
}

/// The most memory that this process ever held, in MiB.
long peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

/// A dispatcher that is asked for many calls at once.
class ManyCalls : public ::testing::Test {
 protected:
  ManyCalls() {
    dispatcher.register_function([this] { return ++calls; }, "count");
    dispatcher.register_multicall_functions();
  }

  void TearDown() override {
    EXPECT_EQ(calls, 0) << "something was called";
    // Of a sanitizer's memory there is no telling.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(peak_memory() - before_, 400);
#endif
  }

  xmlrpc::Fault fault_for(const std::string& elements) {
    return fault_of_text(dispatcher._marshaled_dispatch(
        "<methodCall><methodName>system.multicall</methodName><params><param><value><array>" +
        elements + "</array></value></param></params></methodCall>"));
  }

  /// The error's text in JSON.
  std::string error_for(const std::string& elements) {
    return dispatcher._json_dispatch(
        R"({"jsonrpc":"2.0","id":1,"method":"system.multicall","params":[[)" + elements + "]]}");
  }

  int calls = 0;
  SimpleXMLRPCDispatcher dispatcher;

 private:
  const long before_ = peak_memory();
};

TEST_F(ManyCalls, a_multicall_of_a_million_entries_in_XML) {
  EXPECT_THAT(fault_for(repeated("<value/>", kMillion)).text(), HasSubstr("1000000 values"));
  EXPECT_THAT(fault_for(repeated("<value/>", kMillion - 100)).text(), HasSubstr("call 1 is no"));
}

TEST_F(ManyCalls, a_multicall_of_a_million_entries_in_JSON) {
  EXPECT_THAT(error_for(repeated("{},", kMillion) + "{}"), HasSubstr("1000000 values"));
  EXPECT_THAT(error_for(repeated("{},", kMillion - 100) + "{}"), HasSubstr("call 1 is no"));
}

TEST_F(ManyCalls, a_multicall_of_as_many_calls_as_fit_in_XML) {
  const std::string call =
      "<value><struct><member><name>methodName</name><value>count</value></member>"
      "<member><name>params</name><value><array/></value></member></struct></value>";
  EXPECT_THAT(fault_for(repeated(call, (std::size_t{8} << 20) / call.size() - 10)).text(),
              HasSubstr("makes 1000 calls at most"));
}

TEST_F(ManyCalls, a_multicall_of_as_many_calls_as_fit_in_JSON) {
  const std::string call = R"({"methodName":"count","params":[]},)";
  std::string entries = repeated(call, (std::size_t{8} << 20) / call.size() - 10);
  entries.pop_back();
  EXPECT_THAT(error_for(entries), HasSubstr("makes 1000 calls at most"));
}

TEST_F(ManyCalls, a_batch_of_a_million_requests) {
  EXPECT_THAT(dispatcher._json_dispatch("[" + repeated("{},", kMillion) + "{}]"),
              HasSubstr("1000000 values"));
  EXPECT_THAT(dispatcher._json_dispatch("[" + repeated("{},", kMillion - 100) + "{}]"),
              HasSubstr("makes 1000 calls at most"));
}

}  // namespace
}  // namespace socketserver::testing
