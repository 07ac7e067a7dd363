#pragma once

/// Everything of the `http.server` module: HTTP servers and their handlers.
///
/// ```cpp
/// ThreadingHTTPServer({"", 8000}, handler<SimpleHTTPRequestHandler>()).serve_forever();
/// ```

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/cgi_exchange.hpp>
#include <socketserver/http/cgi_handler.hpp>
#include <socketserver/http/content_encoder.hpp>
#include <socketserver/http/document_root.hpp>
#include <socketserver/http/event_stream.hpp>
#include <socketserver/http/exchange.hpp>
#include <socketserver/http/file_store_handler.hpp>
#include <socketserver/http/form.hpp>
#include <socketserver/http/memory_exchange.hpp>
#include <socketserver/http/multipart_reader.hpp>
#include <socketserver/http/plain_exchange.hpp>
#include <socketserver/http/proto/target.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/http/request_error.hpp>
#include <socketserver/http/server.hpp>
#include <socketserver/http/servers.hpp>
#include <socketserver/http/simple_handler.hpp>
#include <socketserver/socketserver.hpp>
