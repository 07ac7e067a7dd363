// expect: give T a .void from_value.*default constructor

#include <socketserver/xmlrpc/codec/convert.hpp>

using namespace socketserver;

struct Point {
  explicit Point(int x) : x(x) {}
#ifdef CONTROL
  Point() = default;
#endif
  int x = 0;
};

void from_value(const xmlrpc::Value& value, Point& point) {
  point.x = value["x"].as<int>();
}

Point read(const xmlrpc::Value& value) {
  return value.as<Point>();
}
