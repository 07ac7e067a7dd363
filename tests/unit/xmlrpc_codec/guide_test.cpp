// The code that docs/xmlrpc-values.md quotes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

namespace xmlrpc = socketserver::xmlrpc;

namespace guide {

struct Point {
  int x = 0;
  int y = 0;
};

xmlrpc::Value to_value(const Point& p) {
  return xmlrpc::Struct{{"x", p.x}, {"y", p.y}};
}

void from_value(const xmlrpc::Value& value, Point& p) {
  p = {value["x"].as<int>(), value["y"].as<int>()};
}

}  // namespace guide

namespace socketserver::xmlrpc {
namespace {

TEST(Guide, values) {
  const Value value = Struct{{"name", "Ada"}, {"born", 1815}, {"tags", Array{"x", 2.5, true}}};
  const auto name = value["name"].as<std::string>();
  const auto born = value["born"].as<int>();
  EXPECT_EQ(name, "Ada");
  EXPECT_EQ(born, 1815);
  EXPECT_EQ(to_value(guide::Point{1, 2}).as<guide::Point>().y, 2);
}

TEST(Guide, messages) {
  const std::string call = dumps({"Ada", 1815}, {.methodname = "add"});
  const std::string answer = dumps({true}, {.methodresponse = true});
  const std::string refusal = dumps(Fault(4, "Too many parameters."));
  EXPECT_EQ(loads(answer).params[0], Value(true));
  EXPECT_THROW(loads(refusal), Fault);

  const std::vector<std::string_view> pieces{std::string_view(call).substr(0, 9),
                                             std::string_view(call).substr(9)};
  Unmarshaller unmarshaller({.bytes = 64 * 1024, .depth = 8});
  for (const std::string_view piece : pieces) {
    if (!unmarshaller.feed(piece)) break;
  }
  const std::optional<Message> message = unmarshaller.close();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->methodname, "add");
}

}  // namespace
}  // namespace socketserver::xmlrpc
