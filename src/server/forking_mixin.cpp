#include <socketserver/server/forking_mixin.hpp>

namespace socketserver {

template class ForkingMixIn<TCPServer>;
template class ForkingMixIn<UDPServer>;
template class ForkingMixIn<UnixStreamServer>;
template class ForkingMixIn<UnixDatagramServer>;

}  // namespace socketserver
