// expect: give T a .void from_value

#include <socketserver/xmlrpc/codec/convert.hpp>

using namespace socketserver;

struct Point {
  int x = 0;
};

#ifdef CONTROL
void from_value(const xmlrpc::Value& value, Point& point) {
  point.x = value["x"].as<int>();
}
#endif

Point read(const xmlrpc::Value& value) {
  return value.as<Point>();
}
