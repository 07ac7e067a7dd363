#include <socketserver/xmlrpc/dispatcher.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/codec/dumps.hpp>

#include "server/exception_text.hpp"
#include "xmlrpc/large.hpp"

namespace socketserver {

using xmlrpc::Array;
using xmlrpc::Fault;
using xmlrpc::Value;

namespace {

xmlrpc::DumpOptions dump_options(const XMLRPCOptions& options, std::size_t max_bytes) {
  return {.methodresponse = true,
          .encoding = options.encoding,
          .allow_none = options.allow_none,
          .allow_i8 = options.allow_i8,
          .max_bytes = max_bytes};
}

constexpr std::size_t kMaxBytes = std::numeric_limits<std::size_t>::max();

/// What a fault may take, however little messages may.
constexpr std::size_t kFaultBytes = std::size_t{64} * 1024;

/// A fault that can be sent: text that XML cannot hold, which an exception may have from anywhere,
/// is escaped.
Fault sendable(const Fault& fault) {
  try {
    (void)xmlrpc::dumps(fault);
    return fault;
  } catch (const xmlrpc::TypeError&) {
    return {fault.code(), http::repr(fault.text())};
  }
}

std::string class_and_text(std::string_view type, std::string_view text) {
  return "<class '" + std::string(type) + "'>:" + std::string(text);
}

xmlrpc::LoadLimits load_limits_of(const Limits& limits) {
  return {.bytes = limits.xmlrpc_bytes, .depth = limits.xmlrpc_depth};
}

}  // namespace

SimpleXMLRPCDispatcher::SimpleXMLRPCDispatcher(XMLRPCOptions options, const Limits& limits)
    : xmlrpc_options_(std::move(options)),
      load_limits_(load_limits_of(limits)),
      max_calls_(limits.multicall_calls) {
  // Refuses an unknown encoding here, not in the first answer.
  (void)xmlrpc::dumps(one_value(0), dump_options(xmlrpc_options_, kMaxBytes));
}

SimpleXMLRPCDispatcher::~SimpleXMLRPCDispatcher() = default;

void SimpleXMLRPCDispatcher::add_function(std::string name,
                                          std::shared_ptr<const xmlrpc::Method> method) {
  const detail::ThreadLock lock(mutex_);
  funcs_.insert_or_assign(std::move(name), std::move(method));
}

void SimpleXMLRPCDispatcher::register_function(std::nullptr_t, std::string_view name) {
  add_function(std::string(name), nullptr);
}

void SimpleXMLRPCDispatcher::register_instance(std::shared_ptr<xmlrpc::Instance> instance,
                                               xmlrpc::InstanceOptions options) {
  if (!instance) throw std::invalid_argument("register_instance: there is no object");
  const detail::ThreadLock lock(mutex_);
  instance_ = std::move(instance);
  allow_dotted_names_ = options.allow_dotted_names;
}

std::shared_ptr<xmlrpc::Instance> SimpleXMLRPCDispatcher::instance() const {
  const detail::ThreadLock lock(mutex_);
  return instance_;
}

std::shared_ptr<const xmlrpc::Method> SimpleXMLRPCDispatcher::find_method(
    std::string_view name) const {
  const detail::ThreadLock lock(mutex_);
  if (const auto known = funcs_.find(name); known != funcs_.end()) return known->second;
  if (!instance_) return nullptr;
  return xmlrpc::resolve_dotted_attribute(*instance_, name, allow_dotted_names_);
}

Value SimpleXMLRPCDispatcher::_dispatch(std::string_view method, const Array& params) {
  std::shared_ptr<const xmlrpc::Method> function;
  std::shared_ptr<xmlrpc::Instance> object;
  {
    const detail::ThreadLock lock(mutex_);
    const auto known = funcs_.find(method);
    if (known != funcs_.end()) {
      function = known->second;
    } else {
      object = instance_;
    }
  }
  if (object) {
    if (auto result = object->_dispatch(method, params)) return *std::move(result);
    function = find_method(method);
  }
  if (!function) {
    throw xmlrpc::MethodNotFound("method \"" + std::string(method) + "\" is not supported");
  }
  try {
    return (*function)(params);
  } catch (const xmlrpc::InvalidParams& error) {
    throw xmlrpc::InvalidParams(std::string(method) + "() " + error.what());
  }
}

Value SimpleXMLRPCDispatcher::call(std::string_view method, const Array& params,
                                   const xmlrpc::DispatchMethod& dispatch_method,
                                   xmlrpc::Codec codec) {
  if (dispatch_method) return dispatch_method(*this, method, params);
  if (codec == xmlrpc::Codec::xml) return _dispatch(method, params);
  return dispatch_with({}, method, params, codec);
}

std::string SimpleXMLRPCDispatcher::_marshaled_dispatch(
    const xmlrpc::Pieces& data, const xmlrpc::DispatchMethod& dispatch_method,
    std::string_view /*path*/) {
  xmlrpc::Unmarshaller reader(load_limits_);
  std::size_t bytes = 0;
  for (std::string_view piece = data(); !piece.empty(); piece = data()) {
    bytes += piece.size();
    const bool good = xmlrpc::call_beside(bytes > xmlrpc::kLargeBytes,
                                          [&reader, piece] { return reader.feed(piece); });
    if (!good) return write_fault(parse_fault(reader.failure()));
  }
  const bool large = bytes > xmlrpc::kLargeBytes;
  std::optional<xmlrpc::Message> message =
      xmlrpc::call_beside(large, [&reader] { return reader.close(); });
  if (!message) return write_fault(parse_fault(reader.failure()));
  if (message->kind != xmlrpc::MessageKind::call) {
    return write_fault({xmlrpc::INVALID_XMLRPC, "the message is not a method call"});
  }
  try {
    Value result = call(message->methodname, message->params, dispatch_method, xmlrpc::Codec::xml);
    xmlrpc::call_beside(large, [&message] { message.reset(); });  // not held while that is written
    return write_result(std::move(result));
  } catch (...) {
    return write_fault(current_fault());
  }
}

std::string SimpleXMLRPCDispatcher::_marshaled_dispatch(
    std::string_view data, const xmlrpc::DispatchMethod& dispatch_method, std::string_view path) {
  const xmlrpc::Pieces once = [&data] { return std::exchange(data, {}); };
  return _marshaled_dispatch(once, dispatch_method, path);
}

Array SimpleXMLRPCDispatcher::one_value(Value value) {
  Array values;
  values.push_back(std::move(value));
  return values;
}

std::string SimpleXMLRPCDispatcher::write_result(Value result) const {
  try {
    return xmlrpc::call_beside(xmlrpc::is_large(result), [this, &result] {
      return xmlrpc::dumps(one_value(std::move(result)),
                           dump_options(xmlrpc_options_, load_limits_.bytes));
    });
  } catch (const xmlrpc::TypeError& error) {
    throw unsendable(error);
  } catch (const xmlrpc::Error&) {
    throw xmlrpc::Error(too_large());
  }
}

std::string SimpleXMLRPCDispatcher::write_fault(const Fault& fault) const {
  try {
    const std::size_t most = std::max(load_limits_.bytes, kFaultBytes);
    return xmlrpc::dumps(sendable(fault), dump_options(xmlrpc_options_, most));
  } catch (const xmlrpc::Error&) {
    const Fault instead(fault.code(), too_large());
    return xmlrpc::dumps(instead, dump_options(xmlrpc_options_, kMaxBytes));
  }
}

Fault SimpleXMLRPCDispatcher::unsendable(const xmlrpc::TypeError& error) const {
  const int code = xmlrpc_options_.standard_fault_codes ? xmlrpc::INTERNAL_ERROR : 1;
  return {code, class_and_text("TypeError", error.what())};
}

std::string SimpleXMLRPCDispatcher::too_large() const {
  return "the result is larger than " + std::to_string(load_limits_.bytes) + " bytes";
}

Fault SimpleXMLRPCDispatcher::parse_fault(const xmlrpc::ParseFailure& failure) const {
  return {xmlrpc_options_.standard_fault_codes ? failure.code : 1,
          class_and_text("ResponseError", failure.text)};
}

Fault SimpleXMLRPCDispatcher::current_fault() const {
  const auto fault = [this](int code, std::string_view type, std::string_view text) {
    return sendable({xmlrpc_options_.standard_fault_codes ? code : 1, class_and_text(type, text)});
  };
  try {
    throw;
  } catch (const Fault& thrown) {
    return sendable(thrown);
  } catch (const xmlrpc::MethodNotFound& error) {
    return fault(xmlrpc::METHOD_NOT_FOUND, "Exception", error.what());
  } catch (const xmlrpc::InvalidParams& error) {
    return fault(xmlrpc::INVALID_METHOD_PARAMS, "TypeError", error.what());
  } catch (const xmlrpc::TypeError& error) {
    return fault(xmlrpc::APPLICATION_ERROR, "TypeError", error.what());
  } catch (const std::exception& error) {
    return fault(xmlrpc::APPLICATION_ERROR, detail::current_exception_type(), error.what());
  } catch (...) {
    return fault(xmlrpc::APPLICATION_ERROR, detail::current_exception_type(), "");
  }
}

}  // namespace socketserver
