// expect: needs one signature, and to be callable as const

#include <socketserver/xmlrpc.hpp>

using namespace socketserver;

// Nobody could tell a client which arguments it takes.
void serve(SimpleXMLRPCDispatcher& dispatcher) {
#ifdef CONTROL
  dispatcher.register_function([](int a, int b) { return a + b; }, "add");
#else
  dispatcher.register_function([](auto a, auto b) { return a + b; }, "add");
#endif
}
