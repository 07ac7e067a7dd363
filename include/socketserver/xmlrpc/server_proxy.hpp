#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/client_options.hpp>
#include <socketserver/xmlrpc/client_url.hpp>
#include <socketserver/xmlrpc/remote_method.hpp>
#include <socketserver/xmlrpc/transport.hpp>

namespace socketserver::xmlrpc {

/// A server elsewhere, whose methods can be called as if they were here.
///
/// ```cpp
/// ServerProxy proxy("http://localhost:8000", {.timeout = 5s});
/// Value result = proxy("pow", 6, 8);
/// int sum = proxy.call<int>("add", 2, 3);
/// proxy["whatever.method"]("any", "args");
/// for (const std::string& name : proxy.system.listMethods()) …
/// ```
/// For the caller: arguments are what `to_value` takes, results a Value or what `from_value` makes.
/// The connection is made by the first call and kept until `close` or the end.
///
/// Thread safety: one flow at a time; give each its own.
/// Lifetime: methods taken from it must not outlive it; it may be moved meanwhile.
///
/// Differs from Python: methods are called by name, for C++ cannot make up members; times and sizes
/// are bounded, see ClientOptions; numbers beyond 32 bits can be allowed; Unix sockets are there,
/// `https` is not.
/// Source: Python `xmlrpc.client.ServerProxy`.
class ServerProxy {
 public:
  using Options = ClientOptions;  ///< What its constructor takes.

  /// @param uri  see `parse_client_url`, which also says what it throws. Nothing is sent yet.
  /// @throws std::invalid_argument for an unknown encoding and for fields that cannot be.
  explicit ServerProxy(std::string_view uri, Options options = {});

  /// As above with a transport of your own, which must not be null. `encoding`, `allow_none` and
  /// `allow_i8` are taken from its options.
  ServerProxy(std::string_view uri, std::unique_ptr<Transport> transport);

  /// Calls the method `name`.
  ///
  /// @return its result; an array of all when the answer has none or several, as it should not.
  /// @throws Fault that the method reports; ProtocolError, ResponseError, OSError as
  ///         Transport::request does; TypeError for arguments that cannot be sent.
  template <typename... Arguments>
  Value operator()(std::string_view name, const Arguments&... arguments) {
    return state_->call_with(name, make_params(arguments...));
  }

  /// Calls the method `name` and returns its result as a `Result`, which may be void.
  ///
  /// @throws as above; TypeError when the result is something else.
  template <typename Result, typename... Arguments>
  Result call(std::string_view name, const Arguments&... arguments) {
    return (*this)[name].template call<Result>(arguments...);
  }

  /// As operator(), with arguments that are an array already.
  Value call_with(std::string_view name, const Array& params) {
    return state_->call_with(name, params);
  }

  /// The method of that name, to be called later or extended: `proxy["a"]["b"](1)`.
  [[nodiscard]] RemoteMethod operator[](std::string_view name) {
    return {*state_, std::string(name)};
  }

  /// What is called here: see MultiCall.
  [[nodiscard]] Caller& caller() noexcept { return *state_; }

  /// Closes the connection; the next call makes a new one.
  void close() noexcept { state_->transport->close(); }

  /// Python's `proxy("transport")`.
  [[nodiscard]] Transport& transport() noexcept { return *state_->transport; }

  /// `<ServerProxy for localhost:8000/RPC2>`. Differs from Python: credentials are masked.
  [[nodiscard]] std::string repr() const;
  /// Writes the address, without the password.
  friend std::ostream& operator<<(std::ostream& out, const ServerProxy& proxy);

 private:
  struct State final : Caller {
    State(std::string_view uri, std::unique_ptr<Transport> its_transport);
    Value call_with(std::string_view name, const Array& params) override;

    const ClientURL url;
    const std::unique_ptr<Transport> transport;
  };

  std::unique_ptr<State> state_;  // where methods find it even if the proxy moves

 public:
  /// The methods called `system.…`: `proxy.system.listMethods()`.
  SystemMethods system{*state_};
};

/// Python's older name. Source: Python `xmlrpc.client.Server`.
using Server = ServerProxy;

}  // namespace socketserver::xmlrpc
