#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/protocol_error.hpp>
#include <utility>

namespace socketserver::xmlrpc {

ProtocolError::ProtocolError(std::string url, int errcode, std::string errmsg,
                             http::Headers headers)
    : Error("<ProtocolError for " + url + ": " + std::to_string(errcode) + ' ' +
            http::escape_log(errmsg) + '>'),
      url_(std::move(url)),
      errcode_(errcode),
      errmsg_(std::move(errmsg)),
      headers_(std::move(headers)) {}

}  // namespace socketserver::xmlrpc
