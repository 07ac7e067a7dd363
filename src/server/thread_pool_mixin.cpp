#include <socketserver/server/thread_pool_mixin.hpp>

namespace socketserver {

template class ThreadPoolMixIn<TCPServer>;
template class ThreadPoolMixIn<UDPServer>;
template class ThreadPoolMixIn<UnixStreamServer>;
template class ThreadPoolMixIn<UnixDatagramServer>;

}  // namespace socketserver
