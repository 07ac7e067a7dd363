#pragma once

#include <socketserver/xmlrpc/dispatcher.hpp>

namespace socketserver::tool {

/// Registers what `socketserver xmlrpc serve` has to call: `echo`, `add`, `pow`, `div`, `fail`, and
/// the suites `validator1` and `interopEchoTests`.
void register_demo(SimpleXMLRPCDispatcher& server);

}  // namespace socketserver::tool
