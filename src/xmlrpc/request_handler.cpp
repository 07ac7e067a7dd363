#include <socketserver/xmlrpc/request_handler.hpp>

#include <algorithm>
#include <charconv>
#include <memory>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/misdirected.hpp>
#include <socketserver/http/proto/same_origin.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/http/request_error.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/xmlrpc/codec/gzip.hpp>

#include "server/exception_text.hpp"
#include "xmlrpc/accept_encodings.hpp"
#include "xmlrpc/call_count.hpp"
#include "xmlrpc/codec/gzip_reader.hpp"
#include "xmlrpc/large.hpp"
#include "xmlrpc/media_type.hpp"

namespace socketserver {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

const XMLRPCHandlerOptions& default_options() {
  static const XMLRPCHandlerOptions options;
  return options;
}

/// What the pieces of a body throw that is no gzip, or too much of it.
class BadGzip : public http::RequestError {
 public:
  BadGzip() : RequestError(400, "error decoding gzip content") {}
};

/// All of it: who reads in pieces bounds them.
std::string joined(const xmlrpc::Pieces& pieces) {
  std::string text;
  for (std::string_view piece = pieces(); !piece.empty(); piece = pieces()) text += piece;
  return text;
}

}  // namespace

SimpleXMLRPCRequestHandler::SimpleXMLRPCRequestHandler()
    : SimpleXMLRPCRequestHandler(default_options()) {}

SimpleXMLRPCDispatcher& SimpleXMLRPCRequestHandler::dispatcher() const {
  // Asked for several times per request, and the way to a class beside is long.
  if (dispatcher_ == nullptr) dispatcher_ = dynamic_cast<SimpleXMLRPCDispatcher*>(&server());
  if (dispatcher_ == nullptr) {
    throw std::logic_error("SimpleXMLRPCRequestHandler: the server is no SimpleXMLRPCDispatcher");
  }
  return *dispatcher_;
}

void SimpleXMLRPCRequestHandler::log_request(std::optional<int> code,
                                             std::optional<std::uint64_t> size) {
  if (dispatcher().xmlrpc_options().log_requests) BaseHTTPRequestHandler::log_request(code, size);
}

std::map<std::string, double> SimpleXMLRPCRequestHandler::accept_encodings() const {
  return xmlrpc::accept_encodings(headers().joined("Accept-Encoding"));
}

bool SimpleXMLRPCRequestHandler::accepts_gzip() const {
  const auto codings = accept_encodings();
  const auto gzip = codings.find("gzip");
  return gzip != codings.end() && gzip->second > 0;
}

bool SimpleXMLRPCRequestHandler::is_rpc_path_valid() const {
  const auto& paths = options_.rpc_paths;
  return paths.empty() || std::ranges::find(paths, path()) != paths.end();
}

void SimpleXMLRPCRequestHandler::report_404() {
  send_text(404, "No such page", "text/plain");
}

xmlrpc::Value SimpleXMLRPCRequestHandler::_dispatch(SimpleXMLRPCDispatcher& dispatcher,
                                                    std::string_view method,
                                                    const xmlrpc::Array& params) {
  const auto inner = [this](SimpleXMLRPCDispatcher& of, std::string_view name,
                            const xmlrpc::Array& arguments) {
    return _dispatch(of, name, arguments);
  };
  const bool json = method == xmlrpc::kMulticall && is_json_rpc();
  return dispatcher.dispatch_with(inner, method, params,
                                  json ? xmlrpc::Codec::json : xmlrpc::Codec::xml);
}

/// Answers what need not be read to be refused.
bool SimpleXMLRPCRequestHandler::refuse_unread() {
  if (!options_.allow_other_origins && http::is_cross_origin(headers())) {
    send_error(403, std::nullopt, "Pages of other origins may not call methods here");
    return true;
  }
  // Browsers send an Origin with every POST; no other client is led astray by a name.
  if (!options_.allow_other_origins && headers().contains("Origin") && connection().fileno() >= 0 &&
      http::is_misdirected(headers(), connection().getsockname(), options_.hosts)) {
    send_error(421, "Not a name of this server", http::kMisdirected);
    return true;
  }
  const auto length = headers().get("Content-Length");
  if (!length && !headers().contains("Transfer-Encoding")) {
    send_error(411);
    return true;
  }
  std::size_t bytes = 0;
  if (length) std::from_chars(length->data(), length->data() + length->size(), bytes);
  if (bytes > dispatcher().load_limits().bytes) {
    send_error(413);
    return true;
  }
  return false;
}

std::string_view SimpleXMLRPCRequestHandler::next_piece() {
  try {
    piece_ = rfile().read_some(kPiece);
  } catch (const OSError& error) {
    // As Python does, which takes what came: the message is whole or a fault. Nothing follows.
    if (error.code() != std::errc::connection_aborted) throw;
    close_connection(true);
    piece_.clear();
  }
  received_ += piece_.size();
  if (received_ > dispatcher().load_limits().bytes) {
    throw http::RequestError(413, "The message is too large");
  }
  return piece_;
}

std::optional<xmlrpc::Pieces> SimpleXMLRPCRequestHandler::decode_request_content(
    const xmlrpc::Pieces& body) {
  const std::string_view coding = headers()["Content-Encoding"];
  if (coding.empty() || http::iequals(coding, "identity")) return body;
  if (!http::iequals(coding, "gzip")) {
    send_empty(501, "encoding " + http::repr(coding) + " not supported");
    return std::nullopt;
  }
  const auto reader = std::make_shared<xmlrpc::GzipReader>(body, dispatcher().load_limits().bytes,
                                                           options_.decode_expansion);
  return [reader] {
    const std::string_view piece = reader->next();
    if (reader->error()) throw BadGzip();
    return piece;
  };
}

void SimpleXMLRPCRequestHandler::do_POST() {
  if (!is_rpc_path_valid()) return report_404();
  if (refuse_unread()) return;
  received_ = 0;
  const bool json = is_json_rpc();
  std::optional<std::string> answer;
  if (const auto body = decode_request_content([this] { return next_piece(); })) {
    answer = answer_to(*body, json);
  }
  // The client may take its time with the answer: nothing of the message is held meanwhile.
  piece_ = std::string();
  if (!answer) return;
  if (json && answer->empty()) {
    send_response(204);
    return end_headers();
  }
  send_answer(*std::move(answer), json ? "application/json" : "text/xml");
}

bool SimpleXMLRPCRequestHandler::is_json_rpc() const {
  return dispatcher().xmlrpc_options().json_rpc && xmlrpc::is_json(headers()["Content-Type"]);
}

/// Returns nothing when it has answered itself.
std::optional<std::string> SimpleXMLRPCRequestHandler::answer_to(const xmlrpc::Pieces& body,
                                                                 bool json) {
  SimpleXMLRPCDispatcher& functions = dispatcher();
  const auto dispatch_method = [this](SimpleXMLRPCDispatcher& of, std::string_view method,
                                      const xmlrpc::Array& params) {
    return _dispatch(of, method, params);
  };
  try {
    return json ? functions._json_dispatch(joined(body), dispatch_method, path())
                : functions._marshaled_dispatch(body, dispatch_method, path());
  } catch (const BadGzip& error) {
    send_empty(error.status(), error.what());
    return std::nullopt;
  } catch (const http::RequestError&) {
    throw;
  } catch (const OSError&) {
    throw;  // of the connection: functions' own became faults
  } catch (...) {
    send_internal_error();
    return std::nullopt;
  }
}

/// Answers without a body, in Python's words.
void SimpleXMLRPCRequestHandler::send_empty(int status, const std::string& reason) {
  send_response(status, reason);
  send_header("Content-length", "0");
  end_headers();
}

void SimpleXMLRPCRequestHandler::send_answer(std::string answer, std::string_view content_type) {
  const bool encodes =
      options_.encode_threshold && answer.size() > *options_.encode_threshold && accepts_gzip();
  if (encodes) {
    answer = xmlrpc::call_beside(answer.size() > xmlrpc::kLargeBytes,
                                 [&answer] { return xmlrpc::gzip_encode(answer); });
  }
  send_response(200);
  send_header("Content-type", content_type);
  if (encodes) send_header("Content-Encoding", "gzip");
  send_header("Content-length", std::to_string(answer.size()));
  end_headers();
  wfile().write(answer);
}

/// Called while the exception is handled that the dispatcher has let through.
void SimpleXMLRPCRequestHandler::send_internal_error() {
  const std::string text = detail::current_exception_text();
  log_error("internal error: " + text);
  send_response(500);
  if (dispatcher().xmlrpc_options().send_traceback_header) {
    send_header("X-exception", text);
    // C++ keeps no record of where it was thrown; Python's clients look for the field.
    send_header("X-traceback", text);
  }
  send_header("Content-length", "0");
  end_headers();
}

}  // namespace socketserver
