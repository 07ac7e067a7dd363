#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <socketserver/base/limits.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>
#include <socketserver/xmlrpc/instance.hpp>
#include <socketserver/xmlrpc/method.hpp>
#include <socketserver/xmlrpc/options.hpp>

namespace socketserver {

class SimpleXMLRPCDispatcher;

namespace xmlrpc {

/// A method that there is not.
class MethodNotFound : public Error {
 public:
  using Error::Error;
};

/// Calls a method in place of a dispatcher's own `_dispatch`.
using DispatchMethod =
    std::function<Value(SimpleXMLRPCDispatcher&, std::string_view method, const Array& params)>;

/// The next piece of a text; empty at its end. A view lives until the next call.
using Pieces = std::function<std::string_view()>;

/// Which of the methods about methods there are.
enum class Introspection {
  python,  ///< Python's three; `methodSignature` answers that signatures are not supported.
  full     ///< With signatures, `system.methodExist` and `system.getCapabilities`.
};

/// What an answer is written in.
enum class Codec { xml, json };

/// What `register_instance` may be told.
struct InstanceOptions {
  /// Whether `a.b` reaches the method `b` of the object named `a`.
  bool allow_dotted_names = false;
};

}  // namespace xmlrpc

/// Holds the functions that clients may call, and calls them for XML-RPC and JSON-RPC messages.
///
/// ```cpp
/// SimpleXMLRPCServer server({"localhost", 8000});
/// server.register_function([](int a, int b) { return a + b; }, "add", {.doc = "The sum."});
/// ```
/// Whatever a function throws is answered with a fault, and the server goes on: a Fault with its
/// own code and text, others with the name of their type and their text, and nothing else.
///
/// For overriding: `_dispatch`, to call methods otherwise; `_marshaled_dispatch`, to look at
/// messages.
/// Thread safety: every member from any thread, so that functions may be registered while others
/// are called.
/// Source: Python `xmlrpc.server.SimpleXMLRPCDispatcher`.
class SimpleXMLRPCDispatcher {
 public:
  /// @param limits  of which those of XML-RPC count.
  /// @throws std::invalid_argument for an unknown encoding.
  explicit SimpleXMLRPCDispatcher(XMLRPCOptions options = {}, const Limits& limits = {});
  SimpleXMLRPCDispatcher(const SimpleXMLRPCDispatcher&) = delete;
  SimpleXMLRPCDispatcher& operator=(const SimpleXMLRPCDispatcher&) = delete;
  virtual ~SimpleXMLRPCDispatcher();

  /// Makes a function callable by `name`, which may have dots, and returns the function. One that
  /// had the name before is replaced. See xmlrpc::Method for what can be registered.
  template <class F>
  std::decay_t<F> register_function(F&& function, std::string_view name,
                                    xmlrpc::MethodOptions options = {}) {
    std::decay_t<F> kept(std::forward<F>(function));
    add_function(std::string(name),
                 std::make_shared<const xmlrpc::Method>(kept, std::move(options)));
    return kept;
  }

  /// As above, for a function that the program names, by its own name:
  /// `register_function<&add>()`.
  template <auto kFunction>
  auto register_function(xmlrpc::MethodOptions options = {}) {
    return register_function(kFunction, xmlrpc::detail::name_of<kFunction>(), std::move(options));
  }

  /// As above, for a member function of `object`, which is borrowed.
  template <class C, class Result, class... Params>
  void register_function(Result (C::*function)(Params...), C& object, std::string_view name,
                         xmlrpc::MethodOptions options = {}) {
    register_function(
        [&object, function](Params... params) -> Result {
          return (object.*function)(std::forward<Params>(params)...);
        },
        name, std::move(options));
  }
  template <class C, class Result, class... Params>
  void register_function(Result (C::*function)(Params...) const, const C& object,
                         std::string_view name, xmlrpc::MethodOptions options = {}) {
    register_function(
        [&object, function](Params... params) -> Result {
          return (object.*function)(std::forward<Params>(params)...);
        },
        name, std::move(options));
  }

  /// Says that there is no such method, whatever the instance has. Source: Python
  /// `funcs[name] = None`.
  void register_function(std::nullptr_t, std::string_view name);

  /// Makes the methods of an object callable, behind the functions. There is one: a later one
  /// replaces it.
  ///
  /// Shared, because calls of an object that is replaced may still be running.
  /// @throws std::invalid_argument for null.
  void register_instance(std::shared_ptr<xmlrpc::Instance> instance,
                         xmlrpc::InstanceOptions options = {});

  /// Registers `system.listMethods`, `system.methodSignature`, `system.methodHelp`, and more if
  /// asked for.
  void register_introspection_functions(
      xmlrpc::Introspection introspection = xmlrpc::Introspection::python);

  /// Registers `system.multicall`, which makes up to `limits.multicall_calls` calls.
  void register_multicall_functions();

  /// Calls a method.
  ///
  /// @throws xmlrpc::MethodNotFound, xmlrpc::InvalidParams, and what the method throws.
  virtual xmlrpc::Value _dispatch(std::string_view method, const xmlrpc::Array& params);

  /// As `_dispatch`, and has the calls inside a `system.multicall` made by `dispatch_method`, so
  /// that what that refuses is refused there as well.
  ///
  /// @param codec  what the answer will be written in: for `system.multicall`.
  xmlrpc::Value dispatch_with(const xmlrpc::DispatchMethod& dispatch_method,
                              std::string_view method, const xmlrpc::Array& params,
                              xmlrpc::Codec codec = xmlrpc::Codec::xml);

  /// Answers an XML-RPC message with one; never throws for what the message is or the method does.
  /// A result of more than `limits.xmlrpc_bytes` is answered with a fault.
  ///
  /// @param data  the message, read as it comes.
  /// @param dispatch_method  used in place of `_dispatch` when there is one.
  /// @param path  of the request, for dispatchers of several paths.
  virtual std::string _marshaled_dispatch(const xmlrpc::Pieces& data,
                                          const xmlrpc::DispatchMethod& dispatch_method = {},
                                          std::string_view path = {});
  std::string _marshaled_dispatch(std::string_view data,
                                  const xmlrpc::DispatchMethod& dispatch_method = {},
                                  std::string_view path = {});

  /// As above for a JSON-RPC 2.0 message, or a batch; "" when none is to be answered.
  virtual std::string _json_dispatch(std::string_view data,
                                     const xmlrpc::DispatchMethod& dispatch_method = {},
                                     std::string_view path = {});

  // Also callable as system.listMethods and so on

  /// All names, sorted.
  std::vector<std::string> system_listMethods() const;

  /// The signatures of a method, each an array of type names, or a text when there is none to tell.
  xmlrpc::Value system_methodSignature(std::string_view method) const;

  /// The documentation of a method; "" without one.
  std::string system_methodHelp(std::string_view method) const;

  /// Makes several calls, `{"methodName": …, "params": […]}` each, and answers with an array of one
  /// result for each, or a fault struct. All are looked at before the first is made.
  ///
  /// @param codec  what the results will be written in. What it cannot say is a fault.
  /// @throws xmlrpc::InvalidParams when one is no call or there are too many, xmlrpc::Error when
  ///         the results, faults included, are too large together.
  /// Differs from Python: a result that cannot be sent is a fault in its place.
  xmlrpc::Array system_multicall(const xmlrpc::Value& calls,
                                 const xmlrpc::DispatchMethod& dispatch_method = {},
                                 xmlrpc::Codec codec = xmlrpc::Codec::xml);

  /// As they were given.
  [[nodiscard]] const XMLRPCOptions& xmlrpc_options() const noexcept { return xmlrpc_options_; }

  /// The limits that messages are read with.
  [[nodiscard]] const xmlrpc::LoadLimits& load_limits() const noexcept { return load_limits_; }
  [[nodiscard]] std::size_t max_calls() const noexcept { return max_calls_; }

  /// A method's description, for documentation: null when only `_dispatch` of the instance knows.
  std::shared_ptr<const xmlrpc::Method> find_method(std::string_view name) const;

  /// The object that was registered, or null.
  std::shared_ptr<xmlrpc::Instance> instance() const;

  /// The fault that the exception in flight is answered with. Call it while one is handled.
  xmlrpc::Fault current_fault() const;

 protected:
  /// The answer that is a fault.
  std::string write_fault(const xmlrpc::Fault& fault) const;

 private:
  void add_function(std::string name, std::shared_ptr<const xmlrpc::Method> method);
  bool has_own_multicall() const;
  xmlrpc::Fault parse_fault(const xmlrpc::ParseFailure& failure) const;
  static xmlrpc::Array one_value(xmlrpc::Value value);
  std::string write_result(xmlrpc::Value result) const;
  std::size_t result_bytes(const xmlrpc::Value& result, xmlrpc::Codec codec) const;
  xmlrpc::Fault unsendable(const xmlrpc::TypeError& error) const;
  std::string too_large() const;
  xmlrpc::Value call(std::string_view method, const xmlrpc::Array& params,
                     const xmlrpc::DispatchMethod& dispatch_method, xmlrpc::Codec codec);
  std::string answer_json(const xmlrpc::Value& request,
                          const xmlrpc::DispatchMethod& dispatch_method);
  xmlrpc::Array in_order(const std::string& method, const xmlrpc::Struct& params) const;
  std::size_t count_request_calls(const std::string& method, const xmlrpc::Value* params) const;
  std::size_t count_json_calls(const xmlrpc::Array& batch) const;
  xmlrpc::Value call_json(const std::string& method, const xmlrpc::Value* params,
                          const xmlrpc::DispatchMethod& dispatch_method);

  const XMLRPCOptions xmlrpc_options_;
  const xmlrpc::LoadLimits load_limits_;
  const std::size_t max_calls_;

  mutable detail::ThreadMutex mutex_;
  // Null: there is none, whatever the instance has.
  std::map<std::string, std::shared_ptr<const xmlrpc::Method>, std::less<>> funcs_
      SOCKETSERVER_GUARDED_BY(mutex_);
  std::shared_ptr<xmlrpc::Instance> instance_ SOCKETSERVER_GUARDED_BY(mutex_);
  std::shared_ptr<const xmlrpc::Method> multicall_ SOCKETSERVER_GUARDED_BY(mutex_);  // ours
  bool allow_dotted_names_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  bool tells_signatures_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
};

}  // namespace socketserver
