// The methods about methods, and the method that calls methods.

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include <socketserver/xmlrpc/codec/json.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>

#include "xmlrpc/call_count.hpp"
#include "xmlrpc/codec/marshaller.hpp"
#include "xmlrpc/large.hpp"

namespace socketserver {

using xmlrpc::Array;
using xmlrpc::kMulticall;
using xmlrpc::Struct;
using xmlrpc::Value;

namespace {

Value signatures_of(const xmlrpc::Method& method) {
  if (method.takes_all()) return "undef";
  Array signatures;
  for (std::size_t count = method.least_params(); count < method.types().size(); ++count) {
    Array types;
    for (const std::string_view type : method.types().first(count + 1)) types.emplace_back(type);
    signatures.emplace_back(std::move(types));
  }
  return signatures;
}

Value capabilities() {
  const auto capability = [](const char* url, int version) {
    return Struct{{"specUrl", url}, {"specVersion", version}};
  };
  return Struct{
      {"xmlrpc", capability("http://www.xmlrpc.com/spec", 1)},
      {"introspection", capability("http://xmlrpc-c.sourceforge.net/introspection.html", 1)},
      {"system.multicall", capability("http://www.xmlrpc.com/discuss/msgReader$1208", 1)},
      {"faults_interop",
       capability("http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", 20010516)},
      {"nil", capability("http://www.ontosys.com/xml-rpc/extensions.php", 20010518)},
      {"json-rpc", capability("https://www.jsonrpc.org/specification", 2)}};
}

struct Call {
  const std::string& method;
  const Array& params;
};

Call read_call(const Value& call, std::size_t number) {
  const auto* members = call.get_if<Struct>();
  const Value* name = members == nullptr ? nullptr : members->find("methodName");
  const Value* params = members == nullptr ? nullptr : members->find("params");
  const auto* method = name == nullptr ? nullptr : name->get_if<std::string>();
  const auto* arguments = params == nullptr ? nullptr : params->get_if<Array>();
  if (method == nullptr || arguments == nullptr) {
    throw xmlrpc::InvalidParams("call " + std::to_string(number) +
                                " is no struct of a methodName and params");
  }
  return {*method, *arguments};
}

std::size_t utf8_bytes(const Value& value, const xmlrpc::DumpOptions& options) {
  xmlrpc::Marshaller marshaller(options);
  xmlrpc::call_beside(xmlrpc::is_large(value), [&] { marshaller.value(value); });
  return std::move(marshaller).take().size();
}

std::size_t json_bytes(const Value& value,
                       std::size_t max_bytes = std::numeric_limits<std::size_t>::max()) {
  return xmlrpc::call_beside(xmlrpc::is_large(value),
                             [&] { return xmlrpc::dumps_json(value, max_bytes).size(); });
}

/// How many bytes of an answer in XML the value makes; nothing where only a document of its own
/// tells: in another encoding, or when it cannot be sent.
std::optional<std::size_t> written_bytes(const Value& value, const XMLRPCOptions& options,
                                         std::size_t max_bytes) {
  if (!xmlrpc::names_utf8(options.encoding)) return std::nullopt;
  const xmlrpc::DumpOptions dump{
      .allow_none = options.allow_none, .allow_i8 = options.allow_i8, .max_bytes = max_bytes};
  try {
    return utf8_bytes(value, dump);
  } catch (const xmlrpc::Error&) {
    return std::nullopt;
  }
}

}  // namespace

void SimpleXMLRPCDispatcher::register_introspection_functions(xmlrpc::Introspection introspection) {
  const bool full = introspection == xmlrpc::Introspection::full;
  {
    const detail::ThreadLock lock(mutex_);
    tells_signatures_ = full;
  }
  register_function([this] { return system_listMethods(); }, "system.listMethods",
                    {.doc = "The names of all methods, sorted."});
  register_function([this](const std::string& name) { return system_methodSignature(name); },
                    "system.methodSignature",
                    {.doc = "The signatures of a method: arrays of the type of its result and "
                            "those of its parameters.",
                     .params = {"name"}});
  register_function([this](const std::string& name) { return system_methodHelp(name); },
                    "system.methodHelp",
                    {.doc = "What a method does, as a text.", .params = {"name"}});
  if (!full) return;
  register_function(
      [this](const std::string& name) {
        const auto names = system_listMethods();
        return std::ranges::binary_search(names, name);
      },
      "system.methodExist", {.doc = "Whether there is a method of that name.", .params = {"name"}});
  register_function([] { return capabilities(); }, "system.getCapabilities",
                    {.doc = "The specifications that this server follows."});
}

void SimpleXMLRPCDispatcher::register_multicall_functions() {
  auto multicall = std::make_shared<const xmlrpc::Method>(
      [this](const Value& calls) { return system_multicall(calls); },
      xmlrpc::MethodOptions{.doc = "Makes several calls, each a struct of methodName and params; "
                                   "answers with an array of one result for each, or a fault.",
                            .params = {"calls"}});
  const detail::ThreadLock lock(mutex_);
  funcs_.insert_or_assign(std::string(kMulticall), multicall);
  multicall_ = std::move(multicall);
}

bool SimpleXMLRPCDispatcher::has_own_multicall() const {
  const detail::ThreadLock lock(mutex_);
  const auto known = funcs_.find(kMulticall);
  return known != funcs_.end() && known->second && known->second == multicall_;
}

Value SimpleXMLRPCDispatcher::dispatch_with(const xmlrpc::DispatchMethod& dispatch_method,
                                            std::string_view method, const Array& params,
                                            xmlrpc::Codec codec) {
  if (method != kMulticall || params.size() != 1) return _dispatch(method, params);
  // One of the program's own calls what it likes.
  if (!has_own_multicall()) return _dispatch(method, params);
  try {
    return system_multicall(params.front(), dispatch_method, codec);
  } catch (const xmlrpc::InvalidParams& error) {
    throw xmlrpc::InvalidParams(std::string(method) + "() " + error.what());
  }
}

std::vector<std::string> SimpleXMLRPCDispatcher::system_listMethods() const {
  std::vector<std::string> names;
  std::shared_ptr<xmlrpc::Instance> object;
  {
    const detail::ThreadLock lock(mutex_);
    for (const auto& [name, method] : funcs_) names.push_back(name);
    object = instance_;
  }
  if (object) {
    for (std::string& name : object->_listMethods()) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

Value SimpleXMLRPCDispatcher::system_methodSignature(std::string_view method) const {
  {
    const detail::ThreadLock lock(mutex_);
    if (!tells_signatures_) return "signatures not supported";
  }
  const auto known = find_method(method);
  return known ? signatures_of(*known) : Value("undef");
}

std::string SimpleXMLRPCDispatcher::system_methodHelp(std::string_view method) const {
  const auto known = find_method(method);
  std::shared_ptr<xmlrpc::Instance> object;
  {
    const detail::ThreadLock lock(mutex_);
    if (funcs_.find(method) == funcs_.end()) object = instance_;
  }
  if (object) {
    if (auto help = object->_methodHelp(method)) return *std::move(help);
  }
  return known ? known->doc() : "";
}

/// How many bytes of an answer the result makes; throws what it is answered with when it cannot be
/// sent.
std::size_t SimpleXMLRPCDispatcher::result_bytes(const Value& result, xmlrpc::Codec codec) const {
  if (codec == xmlrpc::Codec::xml) {
    const auto written = written_bytes(result, xmlrpc_options_, load_limits_.bytes);
    return written ? *written : write_result(result).size();
  }
  try {
    return json_bytes(result, load_limits_.bytes);
  } catch (const xmlrpc::TypeError& error) {
    throw unsendable(error);
  } catch (const xmlrpc::Error&) {
    throw xmlrpc::Error(too_large());
  }
}

Array SimpleXMLRPCDispatcher::system_multicall(const Value& calls,
                                               const xmlrpc::DispatchMethod& dispatch_method,
                                               xmlrpc::Codec codec) {
  const auto* list = calls.get_if<Array>();
  if (list == nullptr) throw xmlrpc::InvalidParams("takes an array of calls");
  std::vector<Call> read;
  for (const Value& call : *list) read.push_back(read_call(call, read.size() + 1));
  if (xmlrpc::count_calls_of(*list) > max_calls_) {
    throw xmlrpc::InvalidParams("makes " + std::to_string(max_calls_) + " calls at most");
  }
  Array results;
  std::size_t bytes = 0;
  for (const auto& [method, arguments] : read) {
    try {
      Value result = call(method, arguments, dispatch_method, codec);
      bytes += result_bytes(result, codec);
      results.emplace_back(one_value(std::move(result)));
    } catch (...) {
      Value fault = current_fault().to_struct();
      bytes += codec == xmlrpc::Codec::xml ? utf8_bytes(fault, {}) : json_bytes(fault);
      results.push_back(std::move(fault));
    }
    if (bytes > load_limits_.bytes) {
      throw xmlrpc::Error("the results are larger than " + std::to_string(load_limits_.bytes) +
                          " bytes");
    }
  }
  return results;
}

}  // namespace socketserver
