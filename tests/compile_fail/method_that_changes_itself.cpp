// expect: needs one signature, and to be callable as const

#include <socketserver/xmlrpc.hpp>

using namespace socketserver;

// Many threads call it at once: what it counts must be shared knowingly.
void serve(SimpleXMLRPCDispatcher& dispatcher) {
  int calls = 0;
#ifdef CONTROL
  dispatcher.register_function([&calls] { return ++calls; }, "count");
#else
  dispatcher.register_function([calls]() mutable { return ++calls; }, "count");
#endif
}
