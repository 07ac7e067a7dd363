#include "xmlrpc_methods.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

#include <socketserver/xmlrpc/multi_call.hpp>

#include "printable.hpp"

namespace socketserver::tool {
namespace {

using xmlrpc::Array;
using xmlrpc::Value;

/// The result, or nil when the server has reported a fault instead.
Value or_nil(const std::function<Value()>& call) {
  try {
    return call();
  } catch (const xmlrpc::Fault&) {
    return {};
  }
}

/// Whether it is an array of type names.
bool is_signature(const Value& value) {
  const auto* types = value.get_if<Array>();
  if (!types || types->empty()) return false;
  for (const Value& type : *types) {
    if (!type.is<std::string>()) return false;
  }
  return true;
}

void take(RemoteMethodInfo& method, const Value& signatures, const Value& help) {
  method.signatures.clear();
  // Some servers tell the only signature without the array around it.
  if (is_signature(signatures)) method.signatures.push_back(signatures);
  if (const auto* list = signatures.get_if<Array>()) {
    for (const Value& signature : *list) {
      if (is_signature(signature)) method.signatures.push_back(signature);
    }
  }
  if (const auto* text = help.get_if<std::string>()) method.help = *text;
}

/// False when the server has no `system.multicall`, or one with results of its own kind, as
/// supervisord has.
bool take_by_multicall(xmlrpc::ServerProxy& proxy, std::vector<RemoteMethodInfo>& methods) {
  xmlrpc::MultiCall calls(proxy);
  for (const RemoteMethodInfo& method : methods) {
    calls("system.methodSignature", method.name);
    calls("system.methodHelp", method.name);
  }
  std::optional<xmlrpc::MultiCallIterator> results;
  try {
    results = calls();
  } catch (const xmlrpc::Fault&) {
    return false;
  }
  try {
    for (std::size_t i = 0; i < methods.size(); ++i) {
      take(methods[i], or_nil([&] { return (*results)[2 * i]; }),
           or_nil([&] { return (*results)[2 * i + 1]; }));
    }
  } catch (const xmlrpc::ResponseError&) {
    return false;
  }
  return true;
}

/// "(int, int) -> int"
std::string text_of(const Value& signature) {
  std::string parameters;
  std::string result;
  for (std::size_t i = 0; i < signature.get_if<Array>()->size(); ++i) {
    const std::string type = printable(signature[i].as<std::string>());
    if (i == 0) {
      result = type;
    } else {
      parameters += (i == 1 ? "" : ", ") + type;
    }
  }
  return '(' + parameters + ") -> " + result;
}

void print_indented(std::ostream& out, std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n";
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const std::size_t end = line.find_last_not_of(kWhite);
    if (end != std::string_view::npos) {
      const std::size_t begin = line.find_first_not_of(kWhite);
      out << "    " << printable(line.substr(begin, end + 1 - begin)) << '\n';
    }
  }
}

}  // namespace

std::vector<RemoteMethodInfo> remote_methods(xmlrpc::ServerProxy& proxy) {
  std::vector<RemoteMethodInfo> methods;
  for (std::string& name : proxy.system.listMethods()) methods.push_back({std::move(name), {}, {}});
  if (take_by_multicall(proxy, methods)) return methods;
  for (RemoteMethodInfo& method : methods) {
    take(method, or_nil([&] { return proxy("system.methodSignature", method.name); }),
         or_nil([&] { return proxy("system.methodHelp", method.name); }));
  }
  return methods;
}

void print_methods(std::ostream& out, const std::vector<RemoteMethodInfo>& methods) {
  for (const RemoteMethodInfo& method : methods) {
    const std::string name = printable(method.name);
    for (const Value& signature : method.signatures) out << name << text_of(signature) << '\n';
    if (method.signatures.empty()) out << name << '\n';
    print_indented(out, method.help);
  }
}

Value methods_value(const std::vector<RemoteMethodInfo>& methods) {
  Array list;
  for (const RemoteMethodInfo& method : methods) {
    list.push_back(xmlrpc::Struct{
        {"name", method.name}, {"signatures", method.signatures}, {"help", method.help}});
  }
  return list;
}

}  // namespace socketserver::tool
