// JSON-RPC 2.0: the examples of its specification, and hostile input.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rpc.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using xmlrpc::Array;
using xmlrpc::Fault;
using xmlrpc::Struct;
using xmlrpc::Value;

class JSONRPC : public ::testing::Test {
 protected:
  JSONRPC() {
    dispatcher.register_function([](int a, int b) { return a - b; }, "subtract",
                                 {.params = {"minuend", "subtrahend"}});
    dispatcher.register_function([this](const Array&) { ++updates; }, "update");
    dispatcher.register_function([](int a, int b, int c) { return a + b + c; }, "sum");
    dispatcher.register_function([] { return Array{"hello", 5}; }, "get_data");
    dispatcher.register_function([]() -> int { throw Fault(42, "the answer"); }, "fault");
    dispatcher.register_function([]() -> int { throw std::invalid_argument("bo\"om\xff"); },
                                 "boom");
    dispatcher.register_function([] { return std::string("\xff"); }, "bytes");
    dispatcher.register_function(
        [this] {
          ++bigs;
          return std::string(8000, 'x');
        },
        "big");
    dispatcher.register_multicall_functions();
  }

  static Limits limits() {
    Limits limits;
    limits.multicall_calls = 10;
    limits.xmlrpc_bytes = 20'000;
    return limits;
  }

  std::string ask(std::string_view request) { return dispatcher._json_dispatch(request); }

  /// The answer as a value, which is compared without regard to the order of members.
  Value answer(std::string_view request) {
    const auto read = xmlrpc::loads_json(ask(request));
    EXPECT_TRUE(read.value) << read.error;
    return read.value.value_or(Value());
  }

  int code(std::string_view request) { return answer(request)["error"]["code"].as<int>(); }

  int updates = 0;
  int bigs = 0;
  SimpleXMLRPCDispatcher dispatcher{{}, limits()};
};

TEST_F(JSONRPC, positional_parameters) {
  EXPECT_EQ(answer(R"({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})"),
            Value(Struct{{"jsonrpc", "2.0"}, {"result", 19}, {"id", 1}}));
  EXPECT_EQ(answer(R"({"jsonrpc": "2.0", "method": "get_data", "id": "9"})"),
            Value(Struct{{"jsonrpc", "2.0"}, {"result", Array{"hello", 5}}, {"id", "9"}}));
}

TEST_F(JSONRPC, named_parameters_in_any_order) {
  for (const std::string_view params :
       {R"({"subtrahend": 23, "minuend": 42})", R"({"minuend": 42, "subtrahend": 23})"}) {
    const std::string request = R"({"jsonrpc": "2.0", "method": "subtract", "id": 3, "params": )" +
                                std::string(params) + '}';
    EXPECT_EQ(answer(request)["result"], Value(19));
  }
}

TEST_F(JSONRPC, names_that_do_not_fit) {
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","method":"subtract","id":1,"params":{"minuend":1}})"), -32602);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","method":"sum","id":1,"params":{"a":1,"b":2,"c":3}})"),
            -32602);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","method":"nope","id":1,"params":{"a":1}})"), -32601);
}

TEST_F(JSONRPC, a_notification_is_not_answered) {
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]})"), "");
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "foobar"})"), "");
  EXPECT_EQ(ask(R"({"jsonrpc": "2.0", "method": "boom"})"), "");
  EXPECT_EQ(updates, 1);
}

TEST_F(JSONRPC, method_not_found) {
  const Value got = answer(R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})");
  EXPECT_EQ(got["error"]["code"], Value(-32601));
  EXPECT_EQ(got["id"], Value("1"));
}

TEST_F(JSONRPC, parse_error) {
  const Value got = answer(R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])");
  EXPECT_EQ(got["error"]["code"], Value(-32700));
  EXPECT_EQ(got["id"], Value(nullptr));
  EXPECT_EQ(code(""), -32700);
  EXPECT_EQ(code("<methodCall/>"), -32700);
}

TEST_F(JSONRPC, invalid_requests) {
  for (const std::string_view request :
       {R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})",
        R"({"jsonrpc": "2.0", "method": "update", "params": "bar", "id": 1})",
        R"({"jsonrpc": "1.0", "method": "update", "id": 1})", R"({"method": "update", "id": 1})",
        R"({"jsonrpc": 2.0, "method": "update", "id": 1})", R"({"jsonrpc": "2.0", "id": 1})",
        R"({"jsonrpc": "2.0", "method": "update", "id": {}})",
        R"({"jsonrpc": "2.0", "method": "update", "id": true})", "1", "null", "\"x\"", "[]"}) {
    const Value got = answer(request);
    EXPECT_EQ(got["error"]["code"], Value(-32600)) << request;
    EXPECT_EQ(got["id"], Value(nullptr)) << request;
  }
  EXPECT_EQ(updates, 0);
}

TEST_F(JSONRPC, wrong_parameters) {
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","method":"subtract","params":[1],"id":1})"), -32602);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","method":"subtract","params":["a",2],"id":1})"), -32602);
}

TEST_F(JSONRPC, errors_of_the_application) {
  EXPECT_EQ(answer(R"({"jsonrpc":"2.0","method":"fault","id":1})")["error"],
            Value(Struct{{"code", 42}, {"message", "the answer"}}));
  const Value boom = answer(R"({"jsonrpc":"2.0","method":"boom","id":1})")["error"];
  EXPECT_EQ(boom["code"], Value(-32000));
  EXPECT_EQ(boom["data"]["type"], Value("std::invalid_argument"));
  EXPECT_THAT(boom["data"]["text"].as<std::string>(), HasSubstr("bo\"om"));
}

TEST_F(JSONRPC, a_result_that_json_cannot_say) {
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","method":"bytes","id":1})"), -32603);
}

TEST_F(JSONRPC, null_is_a_result) {
  EXPECT_EQ(ask(R"({"jsonrpc":"2.0","method":"update","id":7})"),
            R"({"jsonrpc":"2.0","result":null,"id":7})");
}

TEST_F(JSONRPC, a_batch) {
  const Value got = answer(R"([
    {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
    {"jsonrpc": "2.0", "method": "update", "params": [7]},
    {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
    {"foo": "boo"},
    {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
    {"jsonrpc": "2.0", "method": "get_data", "id": "9"}])");
  ASSERT_EQ(got.as<Array>().size(), 5);
  EXPECT_EQ(got[0]["result"], Value(7));
  EXPECT_EQ(got[1]["result"], Value(19));
  EXPECT_EQ(got[2]["error"]["code"], Value(-32600));
  EXPECT_EQ(got[3]["error"]["code"], Value(-32601));
  EXPECT_EQ(got[4]["result"], Value(Array{"hello", 5}));
}

TEST_F(JSONRPC, a_batch_of_what_is_no_request) {
  const Value got = answer("[1,2,3]");
  ASSERT_EQ(got.as<Array>().size(), 3);
  EXPECT_EQ(got[2]["error"]["code"], Value(-32600));
}

TEST_F(JSONRPC, a_batch_of_notifications_is_not_answered) {
  EXPECT_EQ(ask(R"([{"jsonrpc":"2.0","method":"update"},{"jsonrpc":"2.0","method":"update"}])"),
            "");
  EXPECT_EQ(updates, 2);
}

std::string batch(int size, std::string_view one) {
  std::string text = "[";
  for (int i = 0; i < size; ++i) text.append(i > 0 ? "," : "").append(one);
  return text + ']';
}

TEST_F(JSONRPC, a_batch_makes_so_many_calls_and_no_more) {
  constexpr std::string_view kOne = R"({"jsonrpc":"2.0","method":"update","id":1})";
  EXPECT_EQ(answer(batch(10, kOne)).as<Array>().size(), 10);
  EXPECT_EQ(code(batch(11, kOne)), -32600);
  EXPECT_EQ(updates, 10);
}

TEST_F(JSONRPC, multicalls_in_a_batch_count_with_all_their_calls) {
  constexpr std::string_view kSix =
      R"({"jsonrpc":"2.0","id":1,"method":"system.multicall","params":[[
        {"methodName":"update","params":[]},{"methodName":"update","params":[]},
        {"methodName":"update","params":[]},{"methodName":"update","params":[]},
        {"methodName":"update","params":[]},{"methodName":"update","params":[]}]]})";
  EXPECT_EQ(code(batch(2, kSix)), -32600);
  EXPECT_EQ(updates, 0);
}

TEST_F(JSONRPC, multicalls_with_named_parameters_count_as_well) {
  for (const std::string_view id : {R"("id":1,)", ""}) {
    const std::string three = R"({"jsonrpc":"2.0",)" + std::string(id) +
                              R"("method":"system.multicall","params":{"calls":[
        {"methodName":"update","params":[]},{"methodName":"update","params":[]},
        {"methodName":"update","params":[]}]}})";
    updates = 0;
    EXPECT_EQ(code(batch(4, three)), -32600) << id;
    EXPECT_EQ(updates, 0);
    (void)ask(batch(3, three));
    EXPECT_EQ(updates, 9);
  }
}

TEST_F(JSONRPC, what_json_can_say_alone_it_says_in_a_multicall) {
  dispatcher.register_function([] { return std::int64_t{1} << 40; }, "huge");
  dispatcher.register_function([] { return std::nan(""); }, "nan");
  const Value got = answer(R"({"jsonrpc":"2.0","id":1,"method":"system.multicall","params":[[
      {"methodName":"huge","params":[]},{"methodName":"update","params":[]},
      {"methodName":"nan","params":[]},{"methodName":"bytes","params":[]},
      {"methodName":"system.multicall","params":[[{"methodName":"update","params":[]}]]}]]})");
  const Value results = got["result"];
  EXPECT_EQ(results[0], Value(Array{std::int64_t{1} << 40}));
  EXPECT_EQ(results[1], Value(Array{nullptr}));
  EXPECT_EQ(results[2]["faultCode"], Value(1)) << "XML can, JSON cannot";
  EXPECT_EQ(results[3]["faultCode"], Value(1));
  EXPECT_EQ(results[4][0][0], Value(Array{nullptr}));
}

TEST_F(JSONRPC, results_of_a_multicall_have_one_limit) {
  const auto multicall = [this](int calls) {
    return answer(R"({"jsonrpc":"2.0","id":1,"method":"system.multicall","params":[)" +
                  batch(calls, R"({"methodName":"big","params":[]})") + "]}");
  };
  EXPECT_EQ(multicall(2)["result"].as<Array>().size(), 2);
  EXPECT_THAT(multicall(9)["error"]["data"]["text"].as<std::string>(), HasSubstr("larger than"));
  EXPECT_EQ(bigs, 2 + 3) << "went on after the limit";
}

TEST_F(JSONRPC, all_answers_of_a_batch_have_one_limit) {
  EXPECT_EQ(code(batch(9, R"({"jsonrpc":"2.0","method":"big","id":1})")), -32603);
}

TEST_F(JSONRPC, results_of_notifications_count_though_they_are_not_sent) {
  EXPECT_EQ(ask(batch(2, R"({"jsonrpc":"2.0","method":"big"})")), "");
  EXPECT_EQ(code(batch(9, R"({"jsonrpc":"2.0","method":"big"})")), -32603);
  EXPECT_EQ(bigs, 2 + 3) << "went on after the limit";
}

TEST_F(JSONRPC, a_result_or_an_error_over_the_limit) {
  dispatcher.register_function([] { return std::string(20'001, 'x'); }, "huge");
  dispatcher.register_function([]() -> int { throw Fault(1, std::string(20'001, 'x')); }, "cry");
  for (const std::string_view method : {"huge", "cry"}) {
    const Value got = answer(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + "\"}");
    EXPECT_EQ(got["error"]["code"], Value(-32603));
    EXPECT_THAT(got["error"]["data"].as<std::string>(), HasSubstr("larger than 20000 bytes"));
  }
}

TEST_F(JSONRPC, deep_and_long_texts_are_refused) {
  EXPECT_EQ(code(std::string(15'000, '[')), -32700);
  EXPECT_EQ(code('"' + std::string(30'000, 'x') + '"'), -32700);
}

}  // namespace
}  // namespace socketserver::testing
