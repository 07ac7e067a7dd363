#include <socketserver/xmlrpc/doc_server.hpp>

#include <stdexcept>
#include <string>

#include <socketserver/http/proto/target.hpp>

namespace socketserver {

DocXMLRPCServer::~DocXMLRPCServer() = default;

void DocXMLRPCRequestHandler::do_GET() {
  if (!is_rpc_path_valid()) return report_404();
  const auto* documentation = dynamic_cast<const XMLRPCDocGenerator*>(&server());
  if (documentation == nullptr) {
    throw std::logic_error("DocXMLRPCRequestHandler: the server is no XMLRPCDocGenerator");
  }
  const bool style = http::split_target(path()).path.ends_with(".css");
  const std::string body =
      style ? XMLRPCDocGenerator::style_sheet() : documentation->generate_html_documentation();
  send_response(200);
  send_header("Content-Type", style ? "text/css; charset=UTF-8" : "text/html; charset=UTF-8");
  if (!style) {
    send_header("Content-Security-Policy", documentation->content_security_policy());
    send_header("Referrer-Policy", "no-referrer");
  }
  send_header("X-Content-Type-Options", "nosniff");
  send_header("Content-Length", std::to_string(body.size()));
  end_headers();
  wfile().write(body);
}

}  // namespace socketserver
