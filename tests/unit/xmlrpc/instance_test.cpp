#include <socketserver/xmlrpc/instance.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "rpc.hpp"

namespace socketserver::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using xmlrpc::Array;
using xmlrpc::Instance;
using xmlrpc::Value;

struct Inner : Instance {
  Inner() {
    method("f", [] { return "nsf"; });
  }
};

struct Outer : Instance {
  Outer() {
    method("hello", &Outer::hello, {.doc = "say hello"});
    method("count", &Outer::count);
    method("add", [](int a, int b) { return a + b; });
    object("ns", std::make_shared<Inner>());
  }
  std::string hello() const { return "hello"; }
  int count() { return ++calls; }

  int calls = 0;
};

std::string unsupported(std::string_view name) {
  return ":method \"" + std::string(name) + "\" is not supported";
}

TEST(Instance, XR_082_members_are_called) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>());
  EXPECT_EQ(call(dispatcher, "hello"), Value("hello"));
  EXPECT_EQ(call(dispatcher, "add", {1, 2}), Value(3));
  EXPECT_EQ(call(dispatcher, "count"), Value(1));
  EXPECT_EQ(call(dispatcher, "count"), Value(2));
}

struct Everything : Instance {
  std::optional<Value> _dispatch(std::string_view name, const Array& params) override {
    return Array{name, params};
  }
};

TEST(Instance, XR_080_dispatch_gets_name_and_arguments) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Everything>());
  EXPECT_EQ(call(dispatcher, "whatever.method", {"any", "args"}),
            Value(Array{"whatever.method", Array{"any", "args"}}));
}

TEST(Instance, XR_081_dispatch_gets_private_names_too) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Everything>());
  for (const std::string name : {"_x", "__class__"}) {
    EXPECT_EQ(call(dispatcher, name), Value(Array{name, Array{}}));
  }
}

TEST(Instance, XR_083_functions_win) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>());
  dispatcher.register_function([] { return "function"; }, "hello");
  EXPECT_EQ(call(dispatcher, "hello"), Value("function"));
}

TEST(Instance, XR_084_only_the_last_counts) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>());
  dispatcher.register_instance(std::make_shared<Inner>());
  EXPECT_EQ(call(dispatcher, "f"), Value("nsf"));
  EXPECT_THAT(fault_of(dispatcher, "hello").text(), EndsWith(unsupported("hello")));
}

TEST(Instance, XR_085_dotted_names_only_when_allowed) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>());
  EXPECT_THAT(fault_of(dispatcher, "ns.f").text(), EndsWith(unsupported("ns.f")));
  dispatcher.register_instance(std::make_shared<Outer>(), {.allow_dotted_names = true});
  EXPECT_EQ(call(dispatcher, "ns.f"), Value("nsf"));
}

TEST(Instance, XR_086_XR_087_nothing_that_was_not_named_is_reached) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>(), {.allow_dotted_names = true});
  for (const std::string name : {"_priv", "ns._hid.g", "hello.__func__", "ns..f", "ns.", ".f",
                                 "ns.f.x", "ns.g", "calls", "__class__"}) {
    EXPECT_THAT(fault_of(dispatcher, name).text(), EndsWith(unsupported(name))) << name;
  }
}

TEST(Instance, XR_087_the_empty_name_is_that_of_no_method) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>());
  const std::string_view request = "<methodCall><methodName></methodName><params/></methodCall>";
  EXPECT_THAT(fault_of_text(dispatcher._marshaled_dispatch(request)).text(),
              EndsWith(unsupported("")));
}

TEST(Instance, XR_088_an_object_is_no_method) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_instance(std::make_shared<Outer>(), {.allow_dotted_names = true});
  EXPECT_EQ(fault_of(dispatcher, "ns").code(), 1);
}

struct Misnamed : Instance {
  explicit Misnamed(const std::string& name) {
    method(name, [] { return 1; });
  }
};

TEST(Instance, private_and_dotted_names_cannot_be_given) {
  EXPECT_THROW(Misnamed("_x"), std::invalid_argument);
  EXPECT_THROW(Misnamed("a.b"), std::invalid_argument);
  EXPECT_THROW(Misnamed(""), std::invalid_argument);
  EXPECT_NO_THROW(Misnamed("x_"));
}

TEST(Instance, public_methods_are_those_of_the_table) {
  EXPECT_THAT(xmlrpc::list_public_methods(Outer()), ElementsAre("hello", "count", "add", "ns"));
}

TEST(Instance, null_is_refused) {
  SimpleXMLRPCDispatcher dispatcher;
  EXPECT_THROW(dispatcher.register_instance(nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::testing
