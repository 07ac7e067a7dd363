#include <socketserver/http/servers.hpp>

namespace socketserver {

// The fiber ones are made where they are used: this component does without Boost.
template class ThreadPoolMixIn<HTTPServer>;
template class ForkingMixIn<HTTPServer>;
template class PreforkMixIn<HTTPServer>;

}  // namespace socketserver
