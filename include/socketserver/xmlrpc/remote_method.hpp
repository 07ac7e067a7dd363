#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// The arguments of a call as an Array; each is what `to_value` takes.
template <typename... Arguments>
Array make_params(const Arguments&... arguments) {
  Array params;
  params.reserve(sizeof...(arguments));
  (params.push_back(to_value(arguments)), ...);
  return params;
}

/// Something that calls methods by name: what stands behind a ServerProxy.
///
/// Thread safety: one flow at a time.
class Caller {
 public:
  virtual ~Caller() = default;

  /// Calls a method and returns its result. An answer of one value is that value; of none, or of
  /// several, an array of them.
  ///
  /// @throws as Transport::request does; TypeError for arguments that cannot be sent.
  virtual Value call_with(std::string_view name, const Array& params) = 0;

 protected:
  Caller() = default;
  Caller(const Caller&) = default;
  Caller& operator=(const Caller&) = default;
};

/// A method of a server, ready to be called. Indexing extends its name: `proxy["a"]["b"](1)` calls
/// `a.b`.
///
/// Thread safety: that of its proxy. Lifetime: the proxy must outlive it.
/// Source: Python `xmlrpc.client._Method`.
class RemoteMethod {
 public:
  /// @param caller  makes the call; must outlive this.
  RemoteMethod(Caller& caller, std::string name) : caller_(&caller), name_(std::move(name)) {}

  /// As the server knows it.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// The method `name` below this one.
  [[nodiscard]] RemoteMethod operator[](std::string_view name) const {
    return {*caller_, name_ + '.' + std::string(name)};
  }

  /// Calls it. @throws as Caller::call_with.
  template <typename... Arguments>
  Value operator()(const Arguments&... arguments) const {
    return caller_->call_with(name_, make_params(arguments...));
  }

  /// Calls it and returns the result as a `Result`, which may be void.
  /// @throws as Caller::call_with; TypeError when the result is something else.
  template <typename Result, typename... Arguments>
  Result call(const Arguments&... arguments) const {
    if constexpr (std::is_void_v<Result>) {
      (*this)(arguments...);
    } else {
      return from_value<Result>((*this)(arguments...));
    }
  }

 private:
  Caller* caller_;
  std::string name_;
};

/// `system.listMethods` and its like, which most servers have when they were told to.
///
/// Thread safety and lifetime: as RemoteMethod.
class SystemMethods {
 public:
  /// @param caller  makes the calls; must outlive this.
  explicit SystemMethods(Caller& caller) noexcept : caller_(&caller) {}

  /// The names of all methods.
  std::vector<std::string> listMethods() const { return (*this)["listMethods"].call<Names>(); }

  /// What the method takes and returns: an array of arrays of type names, the result's first; or
  /// text, as "signatures not supported".
  Value methodSignature(std::string_view name) const { return (*this)["methodSignature"](name); }

  /// What the method does.
  std::string methodHelp(std::string_view name) const {
    return (*this)["methodHelp"].call<std::string>(name);
  }

  /// Several calls at once, see MultiCall.
  Array multicall(const Array& calls) const { return (*this)["multicall"].call<Array>(calls); }

  /// Any other: `proxy.system["getCapabilities"]()`.
  [[nodiscard]] RemoteMethod operator[](std::string_view name) const {
    return {*caller_, "system." + std::string(name)};
  }

 private:
  using Names = std::vector<std::string>;

  Caller* caller_;
};

}  // namespace socketserver::xmlrpc
