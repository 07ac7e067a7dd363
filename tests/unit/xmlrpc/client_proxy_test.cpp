#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <socketserver/base/error.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/multi_call.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "tests/unit/xmlrpc/client_canned_server.hpp"

namespace socketserver::xmlrpc {
namespace {

using ::testing::ElementsAre;

/// A transport without a network: keeps the calls and answers with what it was given.
class FakeTransport : public Transport {
 public:
  explicit FakeTransport(Array results) : results_(std::move(results)) {}

  Array request(const ClientURL&, std::string_view body) override {
    calls.push_back(loads(body));
    return make_params(results_.at(calls.size() - 1));
  }

  std::vector<Message> calls;

 private:
  const Array results_;
};

struct Fixture {
  Fixture(std::initializer_list<Value> results)
      : proxy("http://h", std::make_unique<FakeTransport>(Array(results))),
        transport(dynamic_cast<FakeTransport&>(proxy.transport())) {}

  ServerProxy proxy;
  FakeTransport& transport;
};

TEST(ServerProxyTest, XR_142_seed_calls_by_name) {
  Fixture f{262144, 5, "x", 1, nullptr};
  EXPECT_EQ(f.proxy("pow", 6, 8), Value(262144));
  EXPECT_EQ(f.proxy.call<int>("add", 2, 3), 5);
  EXPECT_EQ(f.proxy["whatever.method"]("any", "args"), Value("x"));
  EXPECT_EQ(f.proxy["a"]["b"]["c"].call<int>(1.5, Array{true}, Struct{{"k", "v"}}), 1);
  f.proxy.call<void>("nothing");

  std::vector<std::string> names;
  for (const Message& call : f.transport.calls) names.push_back(call.methodname);
  EXPECT_THAT(names, ElementsAre("pow", "add", "whatever.method", "a.b.c", "nothing"));
  EXPECT_EQ(f.transport.calls[0].params, (Array{6, 8}));
  EXPECT_EQ(f.transport.calls[2].params, (Array{"any", "args"}));
  EXPECT_EQ(f.transport.calls[3].params, (Array{1.5, Array{true}, Struct{{"k", "v"}}}));
  EXPECT_EQ(f.transport.calls[4].params, Array{});
}

TEST(ServerProxyTest, results_of_another_type_are_a_TypeError) {
  Fixture f{"text", Array{1, 2}};
  EXPECT_THROW(f.proxy.call<int>("f"), TypeError);
  EXPECT_EQ(f.proxy.call<std::vector<int>>("f"), (std::vector{1, 2}));
}

TEST(ServerProxyTest, system_methods) {
  Fixture f{Array{"add", "pow"}, Array{Value(Array{"int", "int"})}, "Adds.", Struct{}};
  EXPECT_THAT(f.proxy.system.listMethods(), ElementsAre("add", "pow"));
  EXPECT_EQ(f.proxy.system.methodSignature("add"), Value(Array{Value(Array{"int", "int"})}));
  EXPECT_EQ(f.proxy.system.methodHelp("add"), "Adds.");
  EXPECT_EQ(f.proxy.system["getCapabilities"](), Value(Struct{}));
  EXPECT_EQ(f.transport.calls[3].methodname, "system.getCapabilities");
}

TEST(ServerProxyTest, may_be_moved) {
  ServerProxy first("http://h", std::make_unique<FakeTransport>(Array{1, Array{"x"}}));
  const RemoteMethod method = first["f"];
  ServerProxy second = std::move(first);
  EXPECT_EQ(method(), Value(1));
  EXPECT_THAT(second.system.listMethods(), ElementsAre("x"));
}

TEST(ServerProxyTest, XR_144_bad_URLs_are_refused_at_construction) {
  EXPECT_THROW(ServerProxy("ftp://h"), OSError);
  EXPECT_THROW(ServerProxy("localhost:8000"), OSError);
  EXPECT_THROW(ServerProxy("https://h"), OSError);
  EXPECT_THROW(ServerProxy("http://h", nullptr), std::logic_error);
}

TEST(ServerProxyTest, XR_157_repr_masks_credentials) {
  std::ostringstream out;
  out << ServerProxy("http://user:secret@h:8000/x");
  EXPECT_EQ(out.str(), "<ServerProxy for ***@h:8000/x>");
  EXPECT_EQ(ServerProxy("http://h").repr(), "<ServerProxy for h/RPC2>");
}

TEST(ServerProxyTest, XR_161_errors_printed) {
  EXPECT_STREQ(Fault(42, "Test Fault").what(), "<Fault 42: 'Test Fault'>");
  EXPECT_STREQ(ProtocolError("u", 404, "m", {}).what(), "<ProtocolError for u: 404 m>");
  EXPECT_STREQ(ProtocolError("u", 404, "a\x1b[b", {}).what(),
               "<ProtocolError for u: 404 a\\x1b[b>");
}

TEST(ServerProxyTest, XR_159_DateTime_compares) {
  const DateTime a("20050210T11:41:23");
  EXPECT_EQ(a, DateTime("20050210T11:41:23"));
  EXPECT_LT(a, DateTime("20060210T11:41:23"));
  EXPECT_EQ(
      a, DateTime(std::chrono::sys_days(std::chrono::year(2005) / 2 / 10) + std::chrono::hours(11) +
                  std::chrono::minutes(41) + std::chrono::seconds(23)));
  EXPECT_NE(Value(a), Value(1)) << "another type is never equal";
}

TEST(ServerProxyTest, XR_160_DateTime_of_now) {
  const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto now = DateTime().local_time();
  ASSERT_TRUE(now);
  // Whatever the zone, no more than a day apart.
  const auto apart = now->time_since_epoch() - before.time_since_epoch();
  EXPECT_LT(std::chrono::abs(apart), std::chrono::hours(25));
}

// --- MultiCall --------------------------------------------------------------------------------

Struct fault_struct(int code, const char* text) {
  return {{"faultCode", code}, {"faultString", text}};
}

TEST(MultiCallTest, XR_112_calls_are_recorded_and_sent_together) {
  Fixture f{Array{Array{5}, Array{"x"}, Array{nullptr}}};
  MultiCall calls(f.proxy);
  static_assert(std::is_void_v<decltype(calls("add", 2, 3))>);
  calls("add", 2, 3);
  calls["a"]["b"]("y");
  calls.record("c", {});
  EXPECT_EQ(calls.size(), 3u);
  EXPECT_TRUE(f.transport.calls.empty()) << "nothing is sent yet";

  const MultiCallIterator results = calls();
  ASSERT_EQ(f.transport.calls.size(), 1u);
  EXPECT_EQ(f.transport.calls[0].methodname, "system.multicall");
  EXPECT_EQ(f.transport.calls[0].params,
            Array{Value(Array{Struct{{"methodName", "add"}, {"params", Array{2, 3}}},
                              Struct{{"methodName", "a.b"}, {"params", Array{"y"}}},
                              Struct{{"methodName", "c"}, {"params", Array{}}}})});
  EXPECT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].as<int>(), 5);
  std::vector<Value> in_order;
  for (const Value& value : results) in_order.push_back(value);
  EXPECT_EQ(in_order, (std::vector<Value>{5, "x", nullptr}));
}

TEST(MultiCallTest, XR_111_a_fault_is_thrown_when_it_is_looked_at) {
  Fixture f{Array{fault_struct(7, "no"), Array{5}, "neither", Array{1, 2}, Struct{{"a", 1}}}};
  MultiCall calls(f.proxy);
  for (int i = 0; i < 5; ++i) calls("f");
  const MultiCallIterator results = calls();
  EXPECT_EQ(results[1], Value(5)) << "others are readable";
  try {
    static_cast<void>(results[0]);
    FAIL();
  } catch (const Fault& error) {
    EXPECT_EQ(error.code(), 7);
    EXPECT_EQ(error.text(), "no");
  }
  for (const std::size_t malformed : {2u, 3u, 4u}) {
    EXPECT_THROW(static_cast<void>(results[malformed]), ResponseError) << malformed;
  }
  EXPECT_THROW(static_cast<void>(results[5]), std::out_of_range);
  EXPECT_THROW(static_cast<void>(*results.begin()), Fault);
}

TEST(MultiCallTest, XR_111_an_answer_that_does_not_fit_is_refused) {
  Fixture f{"text", Array{}, Array{Array{1}, Array{2}}};
  MultiCall calls(f.proxy);
  calls("f");
  for (int i = 0; i < 3; ++i) EXPECT_THROW(calls(), ResponseError);
}

TEST(MultiCallTest, none_is_fine) {
  Fixture f{Array{}};
  EXPECT_EQ(MultiCall(f.proxy)().size(), 0u);
}

}  // namespace
}  // namespace socketserver::xmlrpc
