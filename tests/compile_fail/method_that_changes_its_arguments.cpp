// expect: cannot change its caller's arguments

#include <socketserver/xmlrpc.hpp>

using namespace socketserver;

// They are in another process: nothing would come back.
void serve(SimpleXMLRPCDispatcher& dispatcher) {
#ifdef CONTROL
  dispatcher.register_function([](int a) { return a + 1; }, "next");
#else
  dispatcher.register_function([](int& a) { ++a; }, "next");
#endif
}
