#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <socketserver/xmlrpc/codec/value.hpp>
#include <socketserver/xmlrpc/method.hpp>

namespace socketserver::xmlrpc {

/// An object whose methods clients may call: derive from it, and name the methods in its
/// constructor.
///
/// ```cpp
/// struct Calculator : xmlrpc::Instance {
///   Calculator() { method("add", &Calculator::add, {.doc = "The sum."}); }
///   int add(int a, int b) const { return a + b; }
/// };
/// ```
/// What is not named there cannot be reached, whatever a client asks for.
///
/// For overriding: the four functions with Python's names, all optional.
/// Thread safety: the table is constant once the object is registered; calls may come from many
/// threads at once.
/// Differs from Python: no attribute is looked up; names come from the table only.
/// Source: what Python's `register_instance` takes.
class Instance {
 public:
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  virtual ~Instance();

  /// Called first, for every method that is not a registered function: names with dots and
  /// underscores too. Nothing: the table has the answer.
  virtual std::optional<Value> _dispatch(std::string_view method, const Array& params);

  /// The names for `system.listMethods`; by default those of the table, objects included.
  virtual std::vector<std::string> _listMethods() const;

  /// The help for one method. Nothing: its documentation in the table.
  virtual std::optional<std::string> _methodHelp(std::string_view method) const;

  /// The parameters of one method as the documentation page shows them: `(a, b)`. Nothing: those
  /// that the compiler knows.
  virtual std::optional<std::string> _get_method_argstring(std::string_view method) const;

 protected:
  /// Names a member function, or any function, as a method.
  ///
  /// @param name  without dots, and not beginning with `_`.
  /// @throws std::invalid_argument for another name.
  template <class F>
  void method(std::string_view name, F function, MethodOptions options = {}) {
    add(std::string(name), std::make_shared<const Method>(std::move(function), std::move(options)));
  }
  template <class C, class Result, class... Params>
    requires std::derived_from<C, Instance>
  void method(std::string_view name, Result (C::*function)(Params...), MethodOptions options = {}) {
    C& self = static_cast<C&>(*this);
    method(
        name,
        [&self, function](Params... params) -> Result {
          return (self.*function)(std::forward<Params>(params)...);
        },
        std::move(options));
  }
  template <class C, class Result, class... Params>
    requires std::derived_from<C, Instance>
  void method(std::string_view name, Result (C::*function)(Params...) const,
              MethodOptions options = {}) {
    const C& self = static_cast<const C&>(*this);
    method(
        name,
        [&self, function](Params... params) -> Result {
          return (self.*function)(std::forward<Params>(params)...);
        },
        std::move(options));
  }

  /// Names an object, whose methods are reached by dotted names where those are allowed.
  void object(std::string name, std::shared_ptr<Instance> child);

 private:
  friend std::shared_ptr<const Method> resolve_dotted_attribute(const Instance& instance,
                                                                std::string_view name,
                                                                bool allow_dotted_names);
  friend std::vector<std::string> list_public_methods(const Instance& instance);

  using Member = std::variant<std::shared_ptr<const Method>, std::shared_ptr<Instance>>;

  void add(std::string name, Member member);
  const Member* find(std::string_view name) const noexcept;

  std::vector<std::pair<std::string, Member>> table_;
};

/// The method of that name in the instance's table, walking into named objects when
/// `allow_dotted_names`; null when there is none.
///
/// Source: Python `xmlrpc.server.resolve_dotted_attribute`, which walks the attributes of objects.
std::shared_ptr<const Method> resolve_dotted_attribute(const Instance& instance,
                                                       std::string_view name,
                                                       bool allow_dotted_names = true);

/// The names in the instance's table, those of objects included, in their order.
///
/// Source: Python `xmlrpc.server.list_public_methods`.
std::vector<std::string> list_public_methods(const Instance& instance);

}  // namespace socketserver::xmlrpc
