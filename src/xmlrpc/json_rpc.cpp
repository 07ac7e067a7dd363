// JSON-RPC 2.0 (https://www.jsonrpc.org/specification) to the functions of a dispatcher.

#include <stdexcept>

#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/codec/json.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>

#include "server/exception_text.hpp"
#include "xmlrpc/call_count.hpp"

namespace socketserver {

using xmlrpc::Array;
using xmlrpc::Struct;
using xmlrpc::Value;

namespace {

constexpr int kApplicationError = -32000;
constexpr int kInvalidRequest = -32600;

std::string quoted(std::string_view text) {
  return '"' + http::escape_json(text) + '"';
}

/// @param data  JSON, or nothing.
std::string error_answer(std::string_view id, int code, std::string_view message,
                         std::string_view data = {}) {
  std::string answer = R"({"jsonrpc":"2.0","error":{"code":)" + std::to_string(code) +
                       R"(,"message":)" + quoted(message);
  if (!data.empty()) answer.append(R"(,"data":)").append(data);
  return answer.append(R"(},"id":)").append(id).append("}");
}

/// The answer to a request whose method threw what is being handled.
std::string error_answer(std::string_view id) {
  const auto application = [id](std::string_view text) {
    return error_answer(id, kApplicationError, "Application error",
                        R"({"type":)" + quoted(detail::current_exception_type()) + R"(,"text":)" +
                            quoted(text) + '}');
  };
  try {
    throw;
  } catch (const xmlrpc::Fault& fault) {
    return error_answer(id, fault.code(), fault.text());
  } catch (const xmlrpc::MethodNotFound& error) {
    return error_answer(id, xmlrpc::METHOD_NOT_FOUND, "Method not found", quoted(error.what()));
  } catch (const xmlrpc::InvalidParams& error) {
    return error_answer(id, xmlrpc::INVALID_METHOD_PARAMS, "Invalid params", quoted(error.what()));
  } catch (const std::exception& error) {
    return application(error.what());
  } catch (...) {
    return application("");
  }
}

/// A request object that is one, taken apart.
struct Request {
  const std::string* method;
  const Value* params;  ///< Null without.
  const Value* id;      ///< Null: a notification.
};

bool may_be_id(const Value& id) {
  return id.is_nil() || id.is<std::string>() || id.is<std::int64_t>() || id.is<double>() ||
         id.is<xmlrpc::BigInteger>();
}

std::optional<Request> read_request(const Value& request) {
  const auto* members = request.get_if<Struct>();
  if (members == nullptr) return std::nullopt;
  const Value* version = members->find("jsonrpc");
  const auto* version_text = version == nullptr ? nullptr : version->get_if<std::string>();
  if (version_text == nullptr || *version_text != "2.0") return std::nullopt;
  const Value* name = members->find("method");
  const auto* method = name == nullptr ? nullptr : name->get_if<std::string>();
  if (method == nullptr) return std::nullopt;
  const Value* params = members->find("params");
  if (params != nullptr && !params->is<Array>() && !params->is<Struct>()) return std::nullopt;
  const Value* id = members->find("id");
  if (id != nullptr && !may_be_id(*id)) return std::nullopt;
  return Request{method, params, id};
}

std::size_t count_calls(const Array& batch) {
  std::size_t count = 0;
  for (const Value& entry : batch) {
    const auto request = read_request(entry);
    count += request ? xmlrpc::count_calls(*request->method, request->params) : 1;
  }
  return count;
}

}  // namespace

Value SimpleXMLRPCDispatcher::call_json(const std::string& method, const Value* params,
                                        const xmlrpc::DispatchMethod& dispatch_method) {
  if (params == nullptr) return call(method, {}, dispatch_method);
  if (const auto* ordered = params->get_if<Array>()) return call(method, *ordered, dispatch_method);
  const auto known = find_method(method);
  if (!known) {
    throw xmlrpc::MethodNotFound("method \"" + method + "\" is not known by its arguments' names");
  }
  Array ordered;
  try {
    ordered = known->in_order(params->as<Struct>());
  } catch (const xmlrpc::InvalidParams& error) {
    throw xmlrpc::InvalidParams(method + "() " + error.what());
  }
  return call(method, ordered, dispatch_method);
}

std::optional<std::string> SimpleXMLRPCDispatcher::answer_json(
    const Value& entry, const xmlrpc::DispatchMethod& dispatch_method) {
  const auto request = read_request(entry);
  if (!request) return error_answer("null", kInvalidRequest, "Invalid Request");
  std::string id;
  try {
    if (request->id != nullptr) id = xmlrpc::dumps_json(*request->id);
    const Value result = call_json(*request->method, request->params, dispatch_method);
    if (request->id == nullptr) return std::nullopt;
    try {
      return R"({"jsonrpc":"2.0","result":)" + xmlrpc::dumps_json(result) + R"(,"id":)" + id + '}';
    } catch (const xmlrpc::TypeError& error) {
      return error_answer(id, xmlrpc::INTERNAL_ERROR, "Internal error", quoted(error.what()));
    }
  } catch (...) {
    if (request->id == nullptr) return std::nullopt;
    return error_answer(id);
  }
}

std::string SimpleXMLRPCDispatcher::_json_dispatch(std::string_view data,
                                                   const xmlrpc::DispatchMethod& dispatch_method,
                                                   std::string_view /*path*/) {
  const xmlrpc::JSONResult message = xmlrpc::loads_json(data, load_limits_);
  if (!message.value) {
    return error_answer("null", xmlrpc::PARSE_ERROR, "Parse error", quoted(message.error));
  }
  const auto* batch = message.value->get_if<Array>();
  if (batch == nullptr) return answer_json(*message.value, dispatch_method).value_or("");
  if (batch->empty()) return error_answer("null", kInvalidRequest, "Invalid Request");
  if (count_calls(*batch) > max_calls_) {
    return error_answer("null", kInvalidRequest, "Invalid Request",
                        quoted("a batch makes " + std::to_string(max_calls_) + " calls at most"));
  }
  std::string answers;
  for (const Value& entry : *batch) {
    const auto answer = answer_json(entry, dispatch_method);
    if (!answer) continue;
    answers += answers.empty() ? '[' : ',';
    answers += *answer;
    if (answers.size() > load_limits_.bytes) {
      return error_answer(
          "null", xmlrpc::INTERNAL_ERROR, "Internal error",
          quoted("the results are larger than " + std::to_string(load_limits_.bytes) + " bytes"));
    }
  }
  return answers.empty() ? answers : answers += ']';
}

}  // namespace socketserver
