// expect: no matching function|could not convert|conversion from

#include <socketserver/xmlrpc/codec/value.hpp>

using namespace socketserver;

xmlrpc::Value make(const int* pointer) {
#ifdef CONTROL
  return *pointer;
#else
  return pointer;
#endif
}
