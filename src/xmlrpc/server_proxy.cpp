#include <ostream>
#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <stdexcept>
#include <utility>

namespace socketserver::xmlrpc {
namespace {

std::string call_document(std::string_view name, const Array& params,
                          const ClientOptions& options) {
  return dumps(params, {.methodname = std::string(name),
                        .encoding = options.encoding,
                        .allow_none = options.allow_none,
                        .allow_i8 = options.allow_i8});
}

}  // namespace

ServerProxy::State::State(std::string_view uri, std::unique_ptr<Transport> its_transport)
    : url(parse_client_url(uri)), transport(std::move(its_transport)) {
  if (!transport) throw std::logic_error("a ServerProxy needs a transport");
  // What cannot be written is told now, not by the first call.
  call_document("", {}, transport->options());
}

Value ServerProxy::State::call_with(std::string_view name, const Array& params) {
  Array values = transport->request(url, call_document(name, params, transport->options()));
  if (values.size() == 1) return std::move(values.front());
  return values;
}

ServerProxy::ServerProxy(std::string_view uri, Options options)
    : ServerProxy(uri, std::make_unique<Transport>(std::move(options))) {}

ServerProxy::ServerProxy(std::string_view uri, std::unique_ptr<Transport> transport)
    : state_(std::make_unique<State>(uri, std::move(transport))) {}

std::string ServerProxy::repr() const {
  return "<ServerProxy for " + state_->url.name + '>';
}

std::ostream& operator<<(std::ostream& out, const ServerProxy& proxy) {
  return out << proxy.repr();
}

}  // namespace socketserver::xmlrpc
