#include <socketserver/server/fiber_mixin.hpp>

namespace socketserver {

template class FiberMixIn<TCPServer>;
template class FiberMixIn<UDPServer>;
template class FiberMixIn<UnixStreamServer>;
template class FiberMixIn<UnixDatagramServer>;

}  // namespace socketserver
