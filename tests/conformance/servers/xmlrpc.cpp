// An XML-RPC server with functions of every kind, as reference/xmlrpc_server.py has them.
// Arguments: MODE: plain, dotted, dispatch, http11, multipath, doc, page, none or full.

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/xmlrpc.hpp>

#include "run_server.hpp"

using namespace socketserver;
using xmlrpc::Array;
using xmlrpc::Value;

struct Namespace : xmlrpc::Instance {
  Namespace() {
    method("f", [] { return "nsf"; });
  }
};

struct Instance : xmlrpc::Instance {
  Instance() {
    method("hello", [] { return "hello"; }, {.doc = "say hello"});
    object("ns", std::make_shared<Namespace>());
  }
};

struct Dispatch : xmlrpc::Instance {
  std::optional<Value> _dispatch(std::string_view method, const Array& params) override {
    return Array{method, params};
  }
};

Value add(const Value& x, const Value& y) {
  if (x.is<std::string>()) return x.as<std::string>() + y.as<std::string>();
  if (x.is<double>() || y.is<double>()) return x.as<double>() + y.as<double>();
  return x.as<std::int64_t>() + y.as<std::int64_t>();
}

std::vector<std::string> type_names(const Array& values) {
  std::vector<std::string> names;
  for (const Value& value : values) names.emplace_back(value.is<double>() ? "double" : "int");
  return names;
}

void register_all(SimpleXMLRPCDispatcher& server) {
  const auto echo = [](const Array& all) { return all; };
  server.register_function<&add>();
  server.register_function(echo, "echo", {.doc = "Echo the arguments as an array."});
  server.register_function([](const Value& a) { return a; }, "one");
  server.register_function([]() -> int { throw std::invalid_argument("boom <&>"); }, "boom");
  server.register_function([]() -> int { throw xmlrpc::Fault(42, "the answer <&>"); }, "fault");
  server.register_function([] {}, "none");
  server.register_function([] { return std::int64_t{1} << 31; }, "bigint");
  server.register_function([] { return xmlrpc::DateTime("20200102T03:04:05"); }, "when");
  server.register_function([] { return xmlrpc::Binary{std::string("\0\1\xff", 3)}; }, "blob");
  server.register_function([](std::size_t n) { return std::string(n, 'x'); }, "big");
  server.register_function([]() -> int { throw SystemExit(3); }, "exit");
  server.register_function(nullptr, "nothing");
  server.register_function(echo, "a.b.c", {.doc = "Echo the arguments as an array."});
  server.register_function(add, "\u00e4dd");
}

/// As CPython's handler, which knows no origins.
XMLRPCHandlerOptions handler_options(std::string_view mode) {
  XMLRPCHandlerOptions options;
  if (mode == "multipath") options.rpc_paths = {};
  return options;
}

/// Speaks HTTP/1.0 unless told otherwise, as CPython's does.
template <class Handler>
struct Oracle : Handler {
  Oracle(std::string_view mode, const XMLRPCHandlerOptions& options)
      : Handler(options), mode_(mode) {}

 protected:
  std::string_view protocol_version() const override {
    return mode_ == "http11" || mode_ == "full" ? "HTTP/1.1" : "HTTP/1.0";
  }

 private:
  std::string_view mode_;
};

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string_view mode = argv[1];
  const Address address("127.0.0.1", 0);
  const XMLRPCOptions options{.allow_none = mode == "none" || mode == "full",
                              .standard_fault_codes = mode == "full",
                              .log_requests = false};
  ServerOptions limits;
  limits.limits.xmlrpc_bytes = std::size_t{20} << 20;  // as CPython limits what gzip unpacks
  const XMLRPCHandlerOptions handled = handler_options(mode);

  if (mode == "multipath") {
    ThreadingMultiPathXMLRPCServer server(
        address, handler<Oracle<SimpleXMLRPCRequestHandler>>(mode, handled), limits, options);
    for (const std::string path : {"/a", "/b"}) {
      const auto dispatcher =
          server.add_dispatcher(path, std::make_shared<SimpleXMLRPCDispatcher>());
      dispatcher->register_function([path] { return path; }, "where");
      dispatcher->register_introspection_functions();
    }
    return testing::run_server(server);
  }
  if (mode == "page") {
    ThreadingDocXMLRPCServer server(address, options);
    server.register_function([](int a) { return a + 1; }, "<script>document.title='bad'</script>",
                             {.doc = "<img src=x onerror=\"document.title='bad'\">",
                              .params = {"<script>document.title='bad'</script>"}});
    server.register_function(type_names, "type_names");
    return testing::run_server(server);
  }
  if (mode == "doc") {
    ThreadingDocXMLRPCServer server(
        address, handler<Oracle<DocXMLRPCRequestHandler>>(mode, handled), limits, options);
    server.set_server_title("T <&>");
    server.set_server_name("N <&>");
    server.register_introspection_functions();
    server.register_multicall_functions();
    register_all(server);
    server.register_instance(std::make_shared<Instance>());
    return testing::run_server(server);
  }
  ThreadingXMLRPCServer server(address, handler<Oracle<SimpleXMLRPCRequestHandler>>(mode, handled),
                               limits, options);
  server.register_introspection_functions(mode == "full" ? xmlrpc::Introspection::full
                                                         : xmlrpc::Introspection::python);
  server.register_multicall_functions();
  register_all(server);
  if (mode == "dispatch") {
    server.register_instance(std::make_shared<Dispatch>());
  } else {
    server.register_instance(std::make_shared<Instance>(),
                             {.allow_dotted_names = mode == "dotted"});
  }
  return testing::run_server(server);
}
