// expect: no match for .operator<<|invalid operands to binary expression

#include <socketserver/socketserver.hpp>

using namespace socketserver;

void answer(Writer& wfile) {
#ifdef CONTROL
  wfile << 1 << 'c' << "text";
#else
  wfile << 0.5;
#endif
}
