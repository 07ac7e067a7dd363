#include <socketserver/server/threading_mixin.hpp>

namespace socketserver {

template class ThreadingMixIn<TCPServer>;

}  // namespace socketserver
