#include <socketserver/xmlrpc/server.hpp>

#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/http/request_error.hpp>

namespace socketserver {
namespace {

/// Answers every call with a fault, in Python's words for a path that is not among its keys.
xmlrpc::DispatchMethod no_dispatcher(const XMLRPCOptions& options, std::string_view path) {
  const int code = options.standard_fault_codes ? xmlrpc::METHOD_NOT_FOUND : 1;
  return [fault = xmlrpc::Fault(code, "<class 'KeyError'>:" + http::repr(path))](
             SimpleXMLRPCDispatcher&, std::string_view, const xmlrpc::Array&) -> xmlrpc::Value {
    throw xmlrpc::Fault(fault);
  };
}

}  // namespace

// The dispatcher takes the limits before the options move on: it is the first base class.
SimpleXMLRPCServer::SimpleXMLRPCServer(Address server_address, StreamHandler request_handler,
                                       ServerOptions options, XMLRPCOptions xmlrpc_options)
    : SimpleXMLRPCDispatcher(std::move(xmlrpc_options), options.limits),
      HTTPServer(std::move(server_address), std::move(request_handler), std::move(options)) {}

SimpleXMLRPCServer::SimpleXMLRPCServer(Address server_address, XMLRPCOptions xmlrpc_options,
                                       ServerOptions options)
    : SimpleXMLRPCServer(std::move(server_address), handler<SimpleXMLRPCRequestHandler>(),
                         std::move(options), std::move(xmlrpc_options)) {}

SimpleXMLRPCServer::~SimpleXMLRPCServer() = default;

UnixStreamXMLRPCServer::UnixStreamXMLRPCServer(Address server_address,
                                               StreamHandler request_handler, ServerOptions options,
                                               XMLRPCOptions xmlrpc_options)
    : SimpleXMLRPCDispatcher(std::move(xmlrpc_options), options.limits),
      UnixStreamServer(std::move(server_address), std::move(request_handler), std::move(options)) {}

UnixStreamXMLRPCServer::UnixStreamXMLRPCServer(Address server_address, XMLRPCOptions xmlrpc_options,
                                               ServerOptions options)
    : UnixStreamXMLRPCServer(std::move(server_address), handler<SimpleXMLRPCRequestHandler>(),
                             std::move(options), std::move(xmlrpc_options)) {}

UnixStreamXMLRPCServer::~UnixStreamXMLRPCServer() = default;

std::shared_ptr<SimpleXMLRPCDispatcher> MultiPathXMLRPCServer::add_dispatcher(
    std::string path, std::shared_ptr<SimpleXMLRPCDispatcher> dispatcher) {
  if (!dispatcher) throw std::invalid_argument("add_dispatcher: there is none");
  const detail::ThreadLock lock(paths_mutex_);
  dispatchers_.insert_or_assign(std::move(path), dispatcher);
  return dispatcher;
}

std::shared_ptr<SimpleXMLRPCDispatcher> MultiPathXMLRPCServer::find_dispatcher(
    std::string_view path) const {
  const detail::ThreadLock lock(paths_mutex_);
  const auto found = dispatchers_.find(path);
  return found == dispatchers_.end() ? nullptr : found->second;
}

std::shared_ptr<SimpleXMLRPCDispatcher> MultiPathXMLRPCServer::get_dispatcher(
    std::string_view path) const {
  auto found = find_dispatcher(path);
  if (!found) throw std::out_of_range("there is no dispatcher for " + std::string(path));
  return found;
}

std::string MultiPathXMLRPCServer::_marshaled_dispatch(
    const xmlrpc::Pieces& data, const xmlrpc::DispatchMethod& dispatch_method,
    std::string_view path) {
  const auto found = find_dispatcher(path);
  if (!found) {
    return SimpleXMLRPCServer::_marshaled_dispatch(data, no_dispatcher(xmlrpc_options(), path),
                                                   path);
  }
  try {
    return found->_marshaled_dispatch(data, dispatch_method, path);
  } catch (const http::RequestError&) {
    throw;  // of the request, which `data` reads
  } catch (const OSError&) {
    throw;
  } catch (...) {
    return write_fault(current_fault());
  }
}

std::string MultiPathXMLRPCServer::_json_dispatch(std::string_view data,
                                                  const xmlrpc::DispatchMethod& dispatch_method,
                                                  std::string_view path) {
  const auto found = find_dispatcher(path);
  if (!found) {
    return SimpleXMLRPCServer::_json_dispatch(data, no_dispatcher(xmlrpc_options(), path), path);
  }
  return found->_json_dispatch(data, dispatch_method, path);
}

}  // namespace socketserver
