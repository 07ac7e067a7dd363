#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rpc.hpp"

namespace socketserver::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using xmlrpc::Array;
using xmlrpc::Fault;
using xmlrpc::Introspection;
using xmlrpc::Struct;
using xmlrpc::Value;

struct Child : xmlrpc::Instance {
  Child() {
    method("f", [] { return 1; });
  }
};

struct Table : xmlrpc::Instance {
  Table() {
    method("hello", [] { return "hello"; }, {.doc = "say hello"});
    object("ns", std::make_shared<Child>());
  }
};

class Introspecting : public ::testing::Test {
 protected:
  Introspecting() {
    dispatcher.register_function([](int a, int b) { return a + b; }, "add", {.doc = "The sum."});
    dispatcher.register_function([](double a, double b) { return a / b; }, "div");
    dispatcher.register_function([](int a, std::optional<bool>) { return a; }, "some");
    dispatcher.register_function([](const Array& all) { return all; }, "echo");
    dispatcher.register_function([] {}, "none");
    dispatcher.register_function([]() -> int { throw Fault(42, "x"); }, "fault");
    dispatcher.register_function([]() -> int { throw std::runtime_error("boom"); }, "boom");
    dispatcher.register_multicall_functions();
  }

  static Limits limits() {
    Limits limits;
    limits.multicall_calls = 10;
    limits.xmlrpc_bytes = 20'000;
    return limits;
  }

  Value multicall(Array calls) {
    Array params;
    params.emplace_back(std::move(calls));
    return call(dispatcher, "system.multicall", params);
  }

  SimpleXMLRPCDispatcher dispatcher{{}, limits()};
};

TEST_F(Introspecting, XR_101_all_names_sorted) {
  dispatcher.register_introspection_functions();
  dispatcher.register_instance(std::make_shared<Table>());
  EXPECT_THAT(call(dispatcher, "system.listMethods").as<std::vector<std::string>>(),
              ElementsAre("add", "boom", "div", "echo", "fault", "hello", "none", "ns", "some",
                          "system.listMethods", "system.methodHelp", "system.methodSignature",
                          "system.multicall"));
}

struct Listing : xmlrpc::Instance {
  std::vector<std::string> _listMethods() const override { return {"zebra", "add", "ape"}; }
  std::optional<std::string> _methodHelp(std::string_view name) const override {
    return "help for " + std::string(name);
  }
};

struct Dispatching : xmlrpc::Instance {
  std::optional<Value> _dispatch(std::string_view, const Array&) override { return 1; }
};

TEST_F(Introspecting, XR_102_names_of_an_instance_that_lists_them_or_does_not) {
  const auto before = dispatcher.system_listMethods();
  dispatcher.register_instance(std::make_shared<Dispatching>());
  EXPECT_EQ(dispatcher.system_listMethods(), before);
  dispatcher.register_instance(std::make_shared<Listing>());
  EXPECT_THAT(dispatcher.system_listMethods(),
              ElementsAre("add", "ape", "boom", "div", "echo", "fault", "none", "some",
                          "system.multicall", "zebra"));
}

TEST_F(Introspecting, XR_103_help) {
  dispatcher.register_introspection_functions();
  EXPECT_EQ(call(dispatcher, "system.methodHelp", {"add"}), Value("The sum."));
  EXPECT_EQ(call(dispatcher, "system.methodHelp", {"div"}), Value(""));
  EXPECT_EQ(call(dispatcher, "system.methodHelp", {"nope"}), Value(""));
  dispatcher.register_instance(std::make_shared<Table>());
  EXPECT_EQ(call(dispatcher, "system.methodHelp", {"hello"}), Value("say hello"));
  dispatcher.register_instance(std::make_shared<Listing>());
  EXPECT_EQ(call(dispatcher, "system.methodHelp", {"ape"}), Value("help for ape"));
  EXPECT_EQ(call(dispatcher, "system.methodHelp", {"add"}), Value("The sum."));
}

TEST_F(Introspecting, XR_104_signatures_unless_opted_in) {
  dispatcher.register_introspection_functions();
  EXPECT_EQ(call(dispatcher, "system.methodSignature", {"add"}), Value("signatures not supported"));
}

TEST_F(Introspecting, XR_104_true_signatures) {
  dispatcher.register_introspection_functions(Introspection::full);
  const auto signature = [&](const char* name) {
    return call(dispatcher, "system.methodSignature", {name});
  };
  EXPECT_EQ(signature("add"), Value(Array{Value(Array{"int", "int", "int"})}));
  EXPECT_EQ(signature("none"), Value(Array{Value(Array{"nil"})}));
  EXPECT_EQ(signature("some"), Value(Array{Array{"int", "int"}, Array{"int", "int", "boolean"}}));
  EXPECT_EQ(signature("echo"), Value("undef"));
  EXPECT_EQ(signature("nope"), Value("undef"));
}

TEST_F(Introspecting, XR_105_not_registered_is_not_there) {
  EXPECT_THAT(fault_of(dispatcher, "system.listMethods").text(), EndsWith("is not supported"));
}

TEST_F(Introspecting, whether_a_method_is_there_and_what_the_server_can) {
  dispatcher.register_introspection_functions(Introspection::full);
  EXPECT_EQ(call(dispatcher, "system.methodExist", {"add"}), Value(true));
  EXPECT_EQ(call(dispatcher, "system.methodExist", {"nope"}), Value(false));
  const Value capabilities = call(dispatcher, "system.getCapabilities");
  EXPECT_EQ(capabilities["faults_interop"]["specVersion"], Value(20010516));
}

TEST_F(Introspecting, XR_106_multicall) {
  dispatcher.register_function([](int a, int b) { return a * b; }, "mul");
  EXPECT_EQ(multicall({entry("add", {2, 3}), entry("mul", {6, 8}), entry("div", {6.0, 2.0})}),
            Value(Array{Array{5}, Array{48}, Array{3.0}}));
}

TEST_F(Introspecting, XR_107_faults_stand_in_their_places) {
  const Value results =
      multicall({entry("fault"), entry("boom"), entry("nope"), entry("add", {1, 1})});
  EXPECT_EQ(results[0], Value(Struct{{"faultCode", 42}, {"faultString", "x"}}));
  EXPECT_THAT(results[1]["faultString"].as<std::string>(), EndsWith(":boom"));
  EXPECT_THAT(results[2]["faultString"].as<std::string>(), EndsWith("is not supported"));
  EXPECT_EQ(results[3], Value(Array{2}));
}

TEST_F(Introspecting, XR_108_an_empty_one_and_one_in_another) {
  EXPECT_EQ(multicall({}), Value(Array{}));
  Array inner;
  inner.emplace_back(Array{entry("add", {1, 1})});
  Array expected;
  expected.emplace_back(Array{Value(Array{2})});
  Array expected_list;
  expected_list.emplace_back(std::move(expected));
  EXPECT_EQ(multicall({entry("system.multicall", inner)}), Value(expected_list));
}

TEST_F(Introspecting, XR_109_what_is_no_call_fails_the_whole_before_anything_is_called) {
  int calls = 0;
  dispatcher.register_function([&calls] { return ++calls; }, "count");
  for (const Value& bad : {Value(1), Value(Struct{{"methodName", "add"}}),
                           Value(Struct{{"params", Array{}}}), Value(Array{})}) {
    Array list;
    list.push_back(entry("count"));
    list.push_back(bad);
    Array params;
    params.emplace_back(std::move(list));
    EXPECT_EQ(fault_of(dispatcher, "system.multicall", params).code(), 1);
  }
  EXPECT_EQ(fault_of(dispatcher, "system.multicall", {1}).code(), 1);
  EXPECT_EQ(calls, 0);
}

TEST_F(Introspecting, XR_110_a_result_that_cannot_be_sent_is_a_fault_in_its_place) {
  const Value results = multicall({entry("add", {1, 1}), entry("none")});
  EXPECT_EQ(results[0], Value(Array{2}));
  EXPECT_EQ(results[1]["faultCode"], Value(1));
}

TEST_F(Introspecting, a_multicall_makes_so_many_calls_and_no_more) {
  EXPECT_NO_THROW(multicall(Array(10, entry("add", {1, 1}))));
  EXPECT_THROW(multicall(Array(11, entry("add", {1, 1}))), Fault);
}

TEST_F(Introspecting, calls_inside_a_multicall_inside_a_multicall_count) {
  Array inner;
  inner.emplace_back(Array(4, entry("add", {1, 1})));
  EXPECT_NO_THROW(multicall(Array(2, entry("system.multicall", inner))));
  EXPECT_THROW(multicall(Array(3, entry("system.multicall", inner))), Fault);
}

TEST_F(Introspecting, all_results_of_a_multicall_have_one_limit) {
  int calls = 0;
  dispatcher.register_function(
      [&calls] {
        ++calls;
        return std::string(8000, 'x');
      },
      "big");
  EXPECT_NO_THROW(multicall(Array(2, entry("big"))));
  EXPECT_THROW(multicall(Array(9, entry("big"))), Fault);
  EXPECT_LE(calls, 5) << "went on after the limit";
}

TEST_F(Introspecting, faults_of_a_multicall_count_as_results_do) {
  int calls = 0;
  dispatcher.register_function(
      [&calls]() -> int {
        ++calls;
        throw Fault(1, std::string(8000, 'x'));
      },
      "cry");
  EXPECT_NO_THROW(multicall(Array(2, entry("cry"))));
  EXPECT_THROW(multicall(Array(9, entry("cry"))), Fault);
  EXPECT_LE(calls, 5) << "went on after the limit";
}

}  // namespace
}  // namespace socketserver::testing
