#pragma once

/// Everything of the modules `xmlrpc.server` and `xmlrpc.client`.
///
/// ```cpp
/// SimpleXMLRPCServer server({"localhost", 8000});
/// server.register_function([](int a, int b) { return a + b; }, "add");
/// server.serve_forever();
/// ```

#include <socketserver/http_server.hpp>
#include <socketserver/xmlrpc/cgi_handler.hpp>
#include <socketserver/xmlrpc/client_options.hpp>
#include <socketserver/xmlrpc/client_url.hpp>
#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/gzip.hpp>
#include <socketserver/xmlrpc/codec/json.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>
#include <socketserver/xmlrpc/doc_generator.hpp>
#include <socketserver/xmlrpc/doc_server.hpp>
#include <socketserver/xmlrpc/instance.hpp>
#include <socketserver/xmlrpc/method.hpp>
#include <socketserver/xmlrpc/multi_call.hpp>
#include <socketserver/xmlrpc/options.hpp>
#include <socketserver/xmlrpc/protocol_error.hpp>
#include <socketserver/xmlrpc/remote_method.hpp>
#include <socketserver/xmlrpc/request_handler.hpp>
#include <socketserver/xmlrpc/server.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <socketserver/xmlrpc/servers.hpp>
#include <socketserver/xmlrpc/transport.hpp>
