#include <socketserver/xmlrpc/dispatcher.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <stdexcept>

#include "rpc.hpp"

namespace socketserver::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using xmlrpc::Array;
using xmlrpc::Fault;
using xmlrpc::Struct;
using xmlrpc::Value;

TEST(Dispatcher, XR_073_functions_get_their_arguments_by_position) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function(add, "add");
  EXPECT_EQ(call(dispatcher, "add", {2, 3}), Value(5));
}

namespace deep::within {
int twice(int a) {
  return 2 * a;
}
}  // namespace deep::within

TEST(Dispatcher, XR_074_a_function_has_its_own_name) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function<&add>();
  dispatcher.register_function<deep::within::twice>({.doc = "Doubles."});
  EXPECT_EQ(call(dispatcher, "add", {2, 3}), Value(5));
  EXPECT_EQ(call(dispatcher, "twice", {4}), Value(8));
  EXPECT_EQ(dispatcher.system_methodHelp("twice"), "Doubles.");
}

TEST(Dispatcher, XR_075_a_name_may_have_dots) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function(add, "a.b.c");
  EXPECT_EQ(call(dispatcher, "a.b.c", {2, 3}), Value(5));
}

TEST(Dispatcher, XR_076_the_function_is_returned) {
  SimpleXMLRPCDispatcher dispatcher;
  const auto twice = dispatcher.register_function([](int a) { return 2 * a; }, "twice");
  EXPECT_EQ(twice(4), 8);
  EXPECT_EQ(call(dispatcher, "twice", {4}), Value(8));
  EXPECT_EQ(dispatcher.register_function<&add>(), &add);
}

TEST(Dispatcher, XR_077_the_later_function_of_a_name_wins) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([] { return 1; }, "f");
  dispatcher.register_function([] { return 2; }, "f");
  EXPECT_EQ(call(dispatcher, "f"), Value(2));
}

struct Counter {
  int next(int step) { return count += step; }
  int now() const { return count; }
  int count = 0;
};

TEST(Dispatcher, member_functions_are_bound_to_their_object) {
  SimpleXMLRPCDispatcher dispatcher;
  Counter counter;
  dispatcher.register_function(&Counter::next, counter, "next");
  dispatcher.register_function(&Counter::now, counter, "now");
  EXPECT_EQ(call(dispatcher, "next", {3}), Value(3));
  EXPECT_EQ(call(dispatcher, "now"), Value(3));
}

TEST(Dispatcher, XR_078_a_name_can_be_refused) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function(nullptr, "x");
  EXPECT_THAT(fault_of(dispatcher, "x").text(), EndsWith("method \"x\" is not supported"));
}

TEST(Dispatcher, XR_079_an_unknown_method_is_a_fault) {
  SimpleXMLRPCDispatcher dispatcher;
  const Fault fault = fault_of(dispatcher, "nope");
  EXPECT_EQ(fault.code(), 1);
  EXPECT_EQ(fault.text(), "<class 'Exception'>:method \"nope\" is not supported");
}

struct OwnError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST(Dispatcher, XR_089_an_exception_is_a_fault_with_its_type_and_text) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([]() -> int { throw std::invalid_argument("boom <&>"); }, "boom");
  dispatcher.register_function([]() -> int { throw OwnError("own"); }, "own");
  const Fault fault = fault_of(dispatcher, "boom");
  EXPECT_EQ(fault.code(), 1);
  EXPECT_EQ(fault.text(), "<class 'std::invalid_argument'>:boom <&>");
  EXPECT_THAT(fault_of(dispatcher, "own").text(), HasSubstr("OwnError'>:own"));
}

TEST(Dispatcher, XR_090_a_fault_is_passed_on) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([]() -> int { throw Fault(42, "the answer <&>"); }, "fault");
  const Fault fault = fault_of(dispatcher, "fault");
  EXPECT_EQ(fault.code(), 42);
  EXPECT_EQ(fault.text(), "the answer <&>");
}

TEST(Dispatcher, XR_091_the_end_of_the_program_is_not_the_callers_to_ask) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([]() -> int { throw SystemExit(3); }, "exit");
  dispatcher.register_function([]() -> int { throw 5; }, "number");
  EXPECT_THAT(fault_of(dispatcher, "exit").text(), HasSubstr("SystemExit"));
  EXPECT_EQ(fault_of(dispatcher, "number").text(), "<class 'int'>:");
}

TEST(Dispatcher, XR_092_wrong_arguments_are_faults_that_say_what_is_wrong) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function<&add>();
  EXPECT_EQ(fault_of(dispatcher, "add", {1}).text(),
            "<class 'TypeError'>:add() takes 2 arguments, 1 was given");
  EXPECT_EQ(fault_of(dispatcher, "add", {"a", 1}).text(),
            "<class 'TypeError'>:add() argument 1: expected int, got string");
  EXPECT_EQ(fault_of(dispatcher, "add", {1}).code(), 1);
}

TEST(Dispatcher, XR_093_a_result_that_cannot_be_sent_is_a_fault) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([] {}, "none");
  dispatcher.register_function([] { return std::int64_t{1} << 31; }, "big");
  EXPECT_THAT(fault_of(dispatcher, "none").text(), StartsWith("<class 'TypeError'>:"));
  EXPECT_EQ(fault_of(dispatcher, "big").code(), 1);
}

TEST(Dispatcher, XR_093_extensions_send_it) {
  SimpleXMLRPCDispatcher dispatcher({.allow_none = true, .allow_i8 = true});
  dispatcher.register_function([] {}, "none");
  dispatcher.register_function([] { return std::int64_t{1} << 31; }, "big");
  EXPECT_EQ(call(dispatcher, "none"), Value(nullptr));
  EXPECT_EQ(call(dispatcher, "big"), Value(std::int64_t{1} << 31));
}

TEST(Dispatcher, XR_094_a_result_with_control_characters_is_a_fault) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([] { return "a\x01"; }, "control");
  EXPECT_EQ(fault_of(dispatcher, "control").code(), 1);
}

TEST(Dispatcher, an_exception_with_any_bytes_is_a_fault) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function([]() -> int { throw std::runtime_error("\x01\xff"); }, "bytes");
  dispatcher.register_function([]() -> int { throw Fault(7, "\x02"); }, "fault");
  EXPECT_THAT(fault_of(dispatcher, "bytes").text(), HasSubstr("\\x01\\xff"));
  EXPECT_EQ(fault_of(dispatcher, "fault").code(), 7);
}

TEST(Dispatcher, XR_095_XR_096_only_calls_are_requests) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<xmlrpc::Instance>());
  const std::string fault = xmlrpc::dumps(Fault(7, "x"));
  const std::string response = xmlrpc::dumps(Array{1}, {.methodresponse = true});
  EXPECT_EQ(fault_of_text(dispatcher._marshaled_dispatch(fault)).code(), -32600);
  EXPECT_EQ(fault_of_text(dispatcher._marshaled_dispatch(response)).code(), -32600);
}

TEST(Dispatcher, XR_097_what_is_no_xml_is_a_fault) {
  SimpleXMLRPCDispatcher python;
  SimpleXMLRPCDispatcher standard({.standard_fault_codes = true});
  for (const std::string_view text : {"hello", "", "<methodCall>", "<!DOCTYPE x><methodCall/>"}) {
    EXPECT_EQ(fault_of_text(python._marshaled_dispatch(text)).code(), 1) << text;
  }
  EXPECT_EQ(fault_of_text(standard._marshaled_dispatch(std::string_view("hello"))).code(), -32700);
}

TEST(Dispatcher, standard_codes) {
  SimpleXMLRPCDispatcher dispatcher({.standard_fault_codes = true});
  dispatcher.register_function<&add>();
  dispatcher.register_function([] {}, "none");
  dispatcher.register_function([]() -> int { throw std::runtime_error("x"); }, "boom");
  EXPECT_EQ(fault_of(dispatcher, "nope").code(), xmlrpc::METHOD_NOT_FOUND);
  EXPECT_EQ(fault_of(dispatcher, "add", {1}).code(), xmlrpc::INVALID_METHOD_PARAMS);
  EXPECT_EQ(fault_of(dispatcher, "add", {1, "2"}).code(), xmlrpc::INVALID_METHOD_PARAMS);
  EXPECT_EQ(fault_of(dispatcher, "none").code(), xmlrpc::INTERNAL_ERROR);
  EXPECT_EQ(fault_of(dispatcher, "boom").code(), xmlrpc::APPLICATION_ERROR);
}

struct Shouting : SimpleXMLRPCDispatcher {
  Value _dispatch(std::string_view method, const Array& params) override {
    if (method == "shout") return "LOUD";
    return SimpleXMLRPCDispatcher::_dispatch(method, params);
  }
};

TEST(Dispatcher, XR_098_dispatch_can_be_overridden) {
  Shouting dispatcher;
  dispatcher.register_function<&add>();
  EXPECT_EQ(call(dispatcher, "shout"), Value("LOUD"));
  EXPECT_EQ(call(dispatcher, "add", {1, 2}), Value(3));
}

TEST(Dispatcher, XR_098_a_function_stands_in_for_it) {
  Shouting dispatcher;
  const auto echo = [](SimpleXMLRPCDispatcher&, std::string_view method, const Array&) -> Value {
    return method;
  };
  const std::string request = call_text("shout");
  EXPECT_EQ(value_of(dispatcher._marshaled_dispatch(std::string_view(request), echo)),
            Value("shout"));
}

TEST(Dispatcher, XR_099_names_beyond_ascii) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function(add, "t\u00eate");
  EXPECT_EQ(call(dispatcher, "t\u00eate", {6, 7}), Value(13));
  const std::string ascii =
      xmlrpc::dumps(Array{6, 7}, {.methodname = "t\u00eate", .encoding = "us-ascii"});
  EXPECT_EQ(value_of(dispatcher._marshaled_dispatch(std::string_view(ascii))), Value(13));
}

TEST(Dispatcher, XR_100_answers_in_another_encoding) {
  SimpleXMLRPCDispatcher dispatcher({.encoding = "iso-8859-15"});
  dispatcher.register_function([](const std::string& text) { return text; }, "echo");
  const std::string answer =
      dispatcher._marshaled_dispatch(std::string_view(call_text("echo", {"\u20ac"})));
  EXPECT_THAT(answer, StartsWith("<?xml version='1.0' encoding='iso-8859-15'?>"));
  EXPECT_THAT(answer, HasSubstr("\xa4"));
  EXPECT_EQ(value_of(answer), Value("\u20ac"));
}

TEST(Dispatcher, an_unknown_encoding_is_refused_at_once) {
  EXPECT_THROW(SimpleXMLRPCDispatcher({.encoding = "klingon"}), std::invalid_argument);
}

TEST(Dispatcher, a_message_is_read_in_pieces) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_function<&add>();
  const std::string request = call_text("add", {2, 3});
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    std::string_view rest = request;
    const auto pieces = [&]() -> std::string_view {
      const std::string_view piece = rest.substr(0, cut);
      rest.remove_prefix(piece.size());
      return piece;
    };
    ASSERT_EQ(value_of(dispatcher._marshaled_dispatch(xmlrpc::Pieces(pieces))), Value(5)) << cut;
  }
}

TEST(Dispatcher, a_message_over_the_limits_is_a_fault) {
  Limits limits;
  limits.xmlrpc_bytes = 1000;
  limits.xmlrpc_depth = 5;
  SimpleXMLRPCDispatcher dispatcher({}, limits);
  dispatcher.register_function([](const Array&) { return 1; }, "any");
  EXPECT_EQ(call(dispatcher, "any", {std::string(500, 'x')}), Value(1));
  EXPECT_EQ(fault_of(dispatcher, "any", {std::string(1000, 'x')}).code(), 1);
  Value deep = 1;
  for (int i = 0; i < 6; ++i) {
    Array around;
    around.push_back(std::move(deep));
    deep = std::move(around);
  }
  EXPECT_EQ(fault_of(dispatcher, "any", {deep}).code(), 1);
}

}  // namespace
}  // namespace socketserver::testing
