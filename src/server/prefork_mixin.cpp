#include <socketserver/server/prefork_mixin.hpp>

namespace socketserver {

template class PreforkMixIn<TCPServer>;
template class PreforkMixIn<UDPServer>;
template class PreforkMixIn<UnixStreamServer>;
template class PreforkMixIn<UnixDatagramServer>;
template class PreforkMixIn<ThreadingMixIn<TCPServer>>;

}  // namespace socketserver
