// The input's first byte chooses XML-RPC or JSON-RPC, the rest is a message to a dispatcher.
// Whatever it is, the answer is a message too.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <socketserver/xmlrpc/codec/json.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"

namespace xmlrpc = socketserver::xmlrpc;
using socketserver::SimpleXMLRPCDispatcher;

namespace {

struct Dispatcher : SimpleXMLRPCDispatcher {
  Dispatcher() : SimpleXMLRPCDispatcher({.allow_none = true}, limits()) {
    register_introspection_functions(xmlrpc::Introspection::full);
    register_multicall_functions();
    register_function([this](int a, std::optional<int>) { return count(a); }, "a",
                      {.params = {"x", "y"}});
    register_function([this](const xmlrpc::Array& all) { return count(all); }, "e");
    register_function([](const std::string& text) -> int { throw std::runtime_error(text); }, "t");
    register_function([](std::vector<double> list) { return list; }, "l");
  }

  static socketserver::Limits limits() {
    socketserver::Limits limits;
    limits.xmlrpc_bytes = 4096;
    limits.xmlrpc_depth = 16;
    limits.multicall_calls = 20;
    return limits;
  }

  template <class T>
  T count(T value) {
    ++calls;
    return value;
  }

  int calls = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view message(reinterpret_cast<const char*>(data) + 1, size - 1);
  Dispatcher dispatcher;
  if (data[0] % 2 == 0) {
    const std::string answer = dispatcher._marshaled_dispatch(message);
    xmlrpc::Unmarshaller reader({.bytes = std::size_t{1} << 20});
    const bool fed = reader.feed(answer);
    const auto read = reader.close();
    require(fed && read, "an answer is XML-RPC");
    require(read->kind != xmlrpc::MessageKind::call, "and no call");
  } else {
    const std::string answer = dispatcher._json_dispatch(message);
    require(answer.empty() || xmlrpc::loads_json(answer, {.bytes = std::size_t{1} << 20}).value,
            "an answer is JSON");
  }
  require(dispatcher.calls <= 20, "so many calls and no more");
  return 0;
}
