#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <socketserver/server/base_handler.hpp>
#include <socketserver/server/stream_handler.hpp>

namespace socketserver {

/// A recipe that makes and runs the handler of one request; what `handler<H>()` returns.
///
/// The arguments are kept by value and given to every handler as `const` references, which stay
/// valid as long as the server does. What pointers, views and `std::ref` among them lead to must
/// live as long. Where `H` names a nested type `Shared`, one `Shared` is made
/// from them now, and every handler is given a `const Shared&` instead: the place for what costs
/// too much to prepare for each request.
template <std::derived_from<BaseRequestHandler> H, class... Args>
class BoundHandler {
 public:
  using Handler = H;  ///< The class that is made for each request.

  /// @param args  are copied into each handler.
  explicit BoundHandler(Args... args) : args_(std::move(args)...) {}

  /// Makes a handler and runs it.
  void operator()(Request& request, const Address& client_address, BaseServer& server) const {
    // If not, `handler` has said so in a sentence, and the compiler need not add a page.
    if constexpr (std::constructible_from<H, const Args&...>) {
      std::apply(
          [&](const auto&... args) {
            H handler(args...);
            handler.run(request, client_address, server);
          },
          args_);
    }
  }

 private:
  std::tuple<Args...> args_;
};

namespace detail {

/// Hands a `Shared` out by reference while the recipe itself stays copyable.
template <class Shared>
class SharedArgument {
 public:
  explicit SharedArgument(std::shared_ptr<const Shared> value) : value_(std::move(value)) {}
  operator const Shared&() const noexcept { return *value_; }

 private:
  std::shared_ptr<const Shared> value_;
};

/// The handler class `Base` that a function `void(Base&)` or such an object takes; else void.
template <class F>
struct HandlerArgument : std::type_identity<void> {};
template <class F>
  requires requires { &F::operator(); }
struct HandlerArgument<F> : HandlerArgument<decltype(&F::operator())> {};
template <class F, class Base>
struct HandlerArgument<void (F::*)(Base&) const> : std::type_identity<Base> {};
template <class F, class Base>
struct HandlerArgument<void (F::*)(Base&) const noexcept> : std::type_identity<Base> {};
template <class Base>
struct HandlerArgument<void (*)(Base&)> : std::type_identity<Base> {};
template <class Base>
struct HandlerArgument<void (*)(Base&) noexcept> : std::type_identity<Base> {};

/// A handler whose `handle` is a function; a handler class that brings its own `FunctionHandler`
/// says there what the function stands for.
template <class Base, class F>
class FunctionHandler final : public Base {
 public:
  explicit FunctionHandler(const F& function) : function_(function) {}

 protected:
  void handle() override { function_(static_cast<Base&>(*this)); }

 private:
  const F& function_;
};

template <class Base, class F>
struct FunctionHandlerOf : std::type_identity<FunctionHandler<Base, F>> {};
template <class Base, class F>
  requires requires { typename Base::template FunctionHandler<F>; }
struct FunctionHandlerOf<Base, F> : std::type_identity<typename Base::template FunctionHandler<F>> {
};

template <class F>
concept IsBoundHandler = requires { typename F::Handler; };

}  // namespace detail

/// Binds a handler class to the arguments of its constructor, like Python's `functools.partial`:
/// `handler<Echo>()`, `handler<Greeter>("hello")`.
template <std::derived_from<BaseRequestHandler> H, class... Args>
auto handler(Args&&... args) {
  static_assert(!std::is_abstract_v<H>, "the handler class must override handle()");
  if constexpr (requires { typename H::Shared; }) {
    using Shared = typename H::Shared;
    static_assert(
        std::constructible_from<H, const Shared&>,
        "the handler class needs a constructor from its Shared: write `using Base::Base;`");
    static_assert(std::constructible_from<Shared, Args...>,
                  "the handler class is given one thing, its options in braces: "
                  "handler<SimpleHTTPRequestHandler>({.directory = \"/srv\"})");
    using Argument = detail::SharedArgument<Shared>;
    std::shared_ptr<const Shared> shared;
    if constexpr (std::constructible_from<Shared, Args...>) {  // else one error is enough
      shared = std::make_shared<const Shared>(std::forward<Args>(args)...);
    }
    return BoundHandler<H, Argument>(Argument(std::move(shared)));
  } else {
    static_assert(std::is_abstract_v<H> || std::constructible_from<H, const std::decay_t<Args>&...>,
                  "the handler class has no constructor for these arguments of handler()");
    return BoundHandler<H, std::decay_t<Args>...>(std::forward<Args>(args)...);
  }
}

/// As above for a handler class with an aggregate of options:
/// `handler<SimpleHTTPRequestHandler>({.directory = "/srv"})`.
template <std::derived_from<BaseRequestHandler> H>
auto handler(typename H::Options options) {
  return handler<H, typename H::Options>(std::move(options));
}

/// What a server keeps of its handler: how to make one and run its whole life.
///
/// Servers take one of the two classes derived from it, which refuse at compile time a handler that
/// their transport cannot serve.
/// Source: Python `RequestHandlerClass`.
class RequestHandler {
 public:
  /// Makes a handler and runs its whole life. Throws what it throws.
  void operator()(Request& request, const Address& client_address, BaseServer& server) const {
    run_(request, client_address, server);
  }

  /// As `BaseRequestHandler::kParks` of its handlers.
  bool parks() const noexcept { return traits_.parks; }

  /// As `BaseRequestHandler::kBusyAnswer` of its handlers.
  std::string_view busy_answer() const noexcept { return traits_.busy_answer; }

 protected:
  /// What servers know of a handler class.
  struct Traits {
    bool parks = false;                 ///< Whether a connection may wait without a handler.
    std::string_view busy_answer = {};  ///< What a client gets for whom there is no room.
  };

  using Run = std::function<void(Request&, const Address&, BaseServer&)>;  ///< Serves one request.

  /// @param run  is called for each request, by several threads at once.
  RequestHandler(Run run, Traits traits) : run_(std::move(run)), traits_(traits) {}

  /// Those of the handler class that `F` makes or takes.
  template <class F>
  static constexpr Traits traits_of() {
    using Function = std::decay_t<F>;
    using Base = typename detail::HandlerArgument<Function>::type;
    if constexpr (detail::IsBoundHandler<Function>) {
      return {Function::Handler::kParks, Function::Handler::kBusyAnswer};
    } else if constexpr (std::derived_from<Base, BaseRequestHandler>) {
      return {Base::kParks, Base::kBusyAnswer};
    } else {
      return {};
    }
  }

  /// Fails to compile when `F` cannot serve this kind of socket.
  template <SocketType kType, class Handler>
  static constexpr void check_transport() {
    if constexpr (kType == SocketType::stream) {
      static_assert(Handler::kServesStreams, "this handler class cannot serve a stream");
    } else {
      static_assert(Handler::kServesDatagrams, "this handler class cannot serve datagrams");
    }
  }

  /// Forgets the type of `f`.
  template <SocketType kType, class F>
  static Run erase(F&& f) {
    using Function = std::decay_t<F>;
    using Base = typename detail::HandlerArgument<Function>::type;
    if constexpr (detail::IsBoundHandler<Function>) {
      check_transport<kType, typename Function::Handler>();
      return Run(std::forward<F>(f));
    } else if constexpr (!std::derived_from<Base, BaseRequestHandler>) {
      static_assert(std::derived_from<Base, BaseRequestHandler>,
                    "a request handler is handler<YourHandler>() or a function "
                    "void(YourHandler&) that can be called as const");
      return {};
    } else {
      check_transport<kType, Base>();
      return erase_function<Base>(Function(std::forward<F>(f)));
    }
  }

 private:
  template <class Base, class Function>
  static Run erase_function(Function function) {
    using Handler = typename detail::FunctionHandlerOf<Base, Function>::type;
    constexpr bool kCanStandIn =
        std::derived_from<Handler, Base> && std::constructible_from<Handler, const Function&>;
    static_assert(kCanStandIn,
                  "a function cannot stand for a handler of this class: derive from it instead");
    if constexpr (!kCanStandIn) {
      return {};
    } else {
      return [function = std::move(function)](Request& request, const Address& client_address,
                                              BaseServer& server) {
        Handler(function).run(request, client_address, server);
      };
    }
  }

  Run run_;
  Traits traits_;
};

/// What stream servers take: `handler<H>(…)`, or a function of one handler:
/// `[](StreamRequestHandler& self) { … }`.
///
/// A function may be called from many threads at once.
class StreamHandler : public RequestHandler {
 public:
  /// @param f  `handler<H>(…)`, or a function of a `StreamRequestHandler&`.
  template <class F>
    requires(!std::derived_from<std::remove_cvref_t<F>, RequestHandler>)
  StreamHandler(F&& f)
      : RequestHandler(erase<SocketType::stream>(std::forward<F>(f)), traits_of<F>()) {}
};

/// What datagram servers take: as StreamHandler, with handlers that can serve a packet.
class DatagramHandler : public RequestHandler {
 public:
  /// @param f  `handler<H>(…)`, or a function of a `DatagramRequestHandler&`.
  template <class F>
    requires(!std::derived_from<std::remove_cvref_t<F>, RequestHandler>)
  DatagramHandler(F&& f) : RequestHandler(erase<SocketType::datagram>(std::forward<F>(f)), {}) {}
};

}  // namespace socketserver
