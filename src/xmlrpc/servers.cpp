#include <socketserver/xmlrpc/servers.hpp>

namespace socketserver {

// The fiber ones are made where they are used: this component does without Boost.
template class ThreadingMixIn<SimpleXMLRPCServer>;
template class ThreadingMixIn<MultiPathXMLRPCServer>;
template class ThreadingMixIn<DocXMLRPCServer>;
template class ThreadingMixIn<UnixStreamXMLRPCServer>;
template class ThreadPoolMixIn<SimpleXMLRPCServer>;
template class ThreadPoolMixIn<DocXMLRPCServer>;
template class ForkingMixIn<SimpleXMLRPCServer>;
template class ForkingMixIn<DocXMLRPCServer>;
template class PreforkMixIn<SimpleXMLRPCServer>;

}  // namespace socketserver
