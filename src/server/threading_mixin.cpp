#include <socketserver/server/threading_mixin.hpp>

namespace socketserver {

template class ThreadingMixIn<TCPServer>;
template class ThreadingMixIn<UDPServer>;
template class ThreadingMixIn<UnixStreamServer>;
template class ThreadingMixIn<UnixDatagramServer>;

}  // namespace socketserver
