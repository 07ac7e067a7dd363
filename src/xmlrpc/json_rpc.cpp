// JSON-RPC 2.0 (https://www.jsonrpc.org/specification) to the functions of a dispatcher.

#include <stdexcept>

#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/codec/json.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>

#include "server/exception_text.hpp"
#include "xmlrpc/call_count.hpp"
#include "xmlrpc/large.hpp"

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

std::string too_large_answer(std::string_view id, std::string_view what, std::size_t max_bytes) {
  return error_answer(
      id, xmlrpc::INTERNAL_ERROR, "Internal error",
      quoted(std::string(what) + " larger than " + std::to_string(max_bytes) + " bytes"));
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
struct RequestParts {
  const std::string* method;
  const Value* params;  ///< Null without.
  const Value* id;      ///< Null: a notification.
};

bool may_be_id(const Value& id) {
  return id.is_nil() || id.is<std::string>() || id.is<std::int64_t>() || id.is<double>() ||
         id.is<xmlrpc::BigInteger>();
}

std::optional<RequestParts> read_request(const Value& request) {
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
  return RequestParts{method, params, id};
}

/// Whether it is a request that wants no answer.
bool is_notification(const Value& entry) {
  const auto request = read_request(entry);
  return request && request->id == nullptr;
}

}  // namespace

/// Throws what a call with such parameters would, unless they are in order already.
Array SimpleXMLRPCDispatcher::in_order(const std::string& method, const Struct& params) const {
  const auto known = find_method(method);
  if (!known) {
    throw xmlrpc::MethodNotFound("method \"" + method + "\" is not known by its arguments' names");
  }
  try {
    return known->in_order(params);
  } catch (const xmlrpc::InvalidParams& error) {
    throw xmlrpc::InvalidParams(method + "() " + error.what());
  }
}

/// How many calls one request comes to, its parameters being named or not.
std::size_t SimpleXMLRPCDispatcher::count_request_calls(const std::string& method,
                                                        const Value* params) const {
  const auto* named = params == nullptr ? nullptr : params->get_if<Struct>();
  if (named == nullptr || method != xmlrpc::kMulticall) return xmlrpc::count_calls(method, params);
  try {
    const Value ordered = in_order(method, *named);
    return xmlrpc::count_calls(method, &ordered);
  } catch (const xmlrpc::Error&) {
    return 1;  // it will be refused
  }
}

std::size_t SimpleXMLRPCDispatcher::count_json_calls(const Array& batch) const {
  std::size_t count = 0;
  for (const Value& entry : batch) {
    const auto request = read_request(entry);
    count += request ? count_request_calls(*request->method, request->params) : 1;
  }
  return count;
}

Value SimpleXMLRPCDispatcher::call_json(const std::string& method, const Value* params,
                                        const xmlrpc::DispatchMethod& dispatch_method) {
  const auto call_with = [&](const Array& ordered) {
    return call(method, ordered, dispatch_method, xmlrpc::Codec::json);
  };
  if (params == nullptr) return call_with({});
  if (const auto* ordered = params->get_if<Array>()) return call_with(*ordered);
  return call_with(in_order(method, params->as<Struct>()));
}

/// Answers notifications too: what that takes counts, though it is not sent.
std::string SimpleXMLRPCDispatcher::answer_json(const Value& entry,
                                                const xmlrpc::DispatchMethod& dispatch_method) {
  const auto request = read_request(entry);
  if (!request) return error_answer("null", kInvalidRequest, "Invalid Request");
  std::string id = "null";
  try {
    if (request->id != nullptr) id = xmlrpc::dumps_json(*request->id);
    const Value result = call_json(*request->method, request->params, dispatch_method);
    try {
      const std::string text = xmlrpc::call_beside(
          xmlrpc::is_large(result), [&] { return xmlrpc::dumps_json(result, load_limits_.bytes); });
      return R"({"jsonrpc":"2.0","result":)" + text + R"(,"id":)" + id + '}';
    } catch (const xmlrpc::TypeError& error) {
      return error_answer(id, xmlrpc::INTERNAL_ERROR, "Internal error", quoted(error.what()));
    } catch (const xmlrpc::Error&) {
      return too_large_answer(id, "the result is", load_limits_.bytes);
    }
  } catch (...) {
    std::string answer = error_answer(id);
    if (answer.size() <= load_limits_.bytes) return answer;
    return too_large_answer(id, "the error is", load_limits_.bytes);
  }
}

std::string SimpleXMLRPCDispatcher::_json_dispatch(std::string_view data,
                                                   const xmlrpc::DispatchMethod& dispatch_method,
                                                   std::string_view /*path*/) {
  const bool large = data.size() > xmlrpc::kLargeBytes;
  xmlrpc::JSONResult message =
      xmlrpc::call_beside(large, [&] { return xmlrpc::loads_json(data, load_limits_); });
  if (!message.value) {
    return error_answer("null", xmlrpc::PARSE_ERROR, "Parse error", quoted(message.error));
  }
  const auto* batch = message.value->get_if<Array>();
  if (batch == nullptr) {
    std::string answer = answer_json(*message.value, dispatch_method);
    return is_notification(*message.value) ? std::string() : answer;
  }
  if (batch->empty()) return error_answer("null", kInvalidRequest, "Invalid Request");
  if (count_json_calls(*batch) > max_calls_) {
    return error_answer("null", kInvalidRequest, "Invalid Request",
                        quoted("a batch makes " + std::to_string(max_calls_) + " calls at most"));
  }
  std::string answers;
  std::size_t bytes = 0;
  for (const Value& entry : *batch) {
    const std::string answer = answer_json(entry, dispatch_method);
    bytes += answer.size() + 1;
    if (!is_notification(entry)) answers.append(answers.empty() ? "[" : ",").append(answer);
    if (bytes > load_limits_.bytes) {
      return too_large_answer("null", "the results are", load_limits_.bytes);
    }
  }
  return answers.empty() ? answers : answers += ']';
}

}  // namespace socketserver
