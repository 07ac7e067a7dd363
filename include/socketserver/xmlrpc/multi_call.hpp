#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/xmlrpc/remote_method.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

namespace socketserver::xmlrpc {

/// The results of a MultiCall, in the order of the calls. One that is a fault throws it when it is
/// looked at; the others can be looked at all the same.
///
/// ```cpp
/// for (const Value& result : results) std::cout << result << '\n';
/// int third = results[2].as<int>();
/// ```
/// Lifetime: returned references live as long as the results.
/// Source: Python `xmlrpc.client.MultiCallIterator`.
class MultiCallIterator {
 public:
  class Position;

  /// @param results  what `system.multicall` returned: an array of one value, or a struct that is a
  ///                 fault, for each call.
  explicit MultiCallIterator(Array results) noexcept : results_(std::move(results)) {}

  /// How many calls were made.
  [[nodiscard]] std::size_t size() const noexcept { return results_.size(); }

  /// The result of a call.
  ///
  /// @throws Fault when it is one; std::out_of_range; ResponseError when it is neither an array of
  ///         one value nor a fault (Python: ValueError).
  [[nodiscard]] const Value& operator[](std::size_t index) const;

  /// Iteration throws as operator[] does, when a result is looked at.
  [[nodiscard]] Position begin() const noexcept;
  [[nodiscard]] Position end() const noexcept;

 private:
  Array results_;
};

/// Walks over the results of a MultiCall.
class MultiCallIterator::Position {
 public:
  using iterator_concept = std::forward_iterator_tag;
  using iterator_category = std::forward_iterator_tag;
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  using pointer = const Value*;
  using reference = const Value&;

  Position() = default;
  /// Points at the result of one call.
  Position(const MultiCallIterator& results, std::size_t index) noexcept
      : results_(&results), index_(index) {}

  const Value& operator*() const { return (*results_)[index_]; }
  const Value* operator->() const { return &**this; }
  Position& operator++() noexcept {
    ++index_;
    return *this;
  }
  Position operator++(int) noexcept { return {*results_, index_++}; }
  bool operator==(const Position&) const noexcept = default;

 private:
  const MultiCallIterator* results_ = nullptr;
  std::size_t index_ = 0;
};

inline MultiCallIterator::Position MultiCallIterator::begin() const noexcept {
  return {*this, 0};
}
inline MultiCallIterator::Position MultiCallIterator::end() const noexcept {
  return {*this, size()};
}

/// Collects calls and makes them all in one request, by `system.multicall`.
///
/// ```cpp
/// MultiCall multicall(proxy);
/// multicall("add", 2, 3);
/// multicall["stats"]["reset"]();
/// MultiCallIterator results = multicall();
/// ```
/// Thread safety: that of its proxy. Lifetime: borrows the proxy.
/// Source: Python `xmlrpc.client.MultiCall`.
class MultiCall {
 public:
  /// A name that a call can be recorded for. `multicall["a"]["b"]` is `a.b`.
  class Method {
   public:
    /// @param calls  gets what is called; must outlive this.
    Method(MultiCall& calls, std::string name) : calls_(&calls), name_(std::move(name)) {}

    /// The method of a dotted name.
    [[nodiscard]] Method operator[](std::string_view name) const {
      return {*calls_, name_ + '.' + std::string(name)};
    }

    /// Adds the call; nothing is sent yet.
    template <typename... Arguments>
    void operator()(const Arguments&... arguments) const {
      calls_->record(name_, make_params(arguments...));
    }

   private:
    MultiCall* calls_;
    std::string name_;
  };

  /// @param proxy  is who is called; must outlive this.
  explicit MultiCall(ServerProxy& proxy) noexcept : caller_(&proxy.caller()) {}

  /// Records a call.
  template <typename... Arguments>
  void operator()(std::string_view name, const Arguments&... arguments) {
    record(name, make_params(arguments...));
  }

  /// The method of this name.
  [[nodiscard]] Method operator[](std::string_view name) { return {*this, std::string(name)}; }

  /// Records a call whose arguments are an array already.
  void record(std::string_view name, Array params);

  /// Makes the calls that were recorded. They stay recorded.
  ///
  /// @throws as ServerProxy; ResponseError when the answer has not one result for each call. What
  ///         single calls throw is thrown when their results are looked at.
  MultiCallIterator operator()() const;

  /// How many calls were added.
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

 private:
  Caller* caller_;
  Array calls_;
};

}  // namespace socketserver::xmlrpc
