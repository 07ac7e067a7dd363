// expect: give T a .void from_value

#include <socketserver/xmlrpc.hpp>

using namespace socketserver;

struct Point {
  int x = 0;
};

#ifdef CONTROL
void from_value(const xmlrpc::Value& value, Point& point) {
  point.x = value.as<int>();
}
#endif

void serve(SimpleXMLRPCDispatcher& dispatcher) {
  dispatcher.register_function([](const Point& p) { return p.x; }, "x");
}
