#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "load/options.hpp"

namespace socketserver::bench {

/// A server that answers, but wrongly.
class WrongReply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What one connection says, and whether it hears the right thing. To add a workload, derive one.
///
/// The caller sends what `ask` returns, then feeds what comes back to `hear` until all of its
/// requests are answered, and so on.
class Dialogue {
 public:
  virtual ~Dialogue() = default;

  /// The next `Options::pipeline` requests; valid until the next call.
  virtual std::string_view ask() = 0;

  /// Takes bytes of the replies, cut anywhere; returns how many replies they complete.
  ///
  /// @throws WrongReply when a byte is not what it should be, or too many.
  virtual std::size_t hear(std::string_view bytes) = 0;
};

/// @param connection  its number; no two connections should say the same.
std::unique_ptr<Dialogue> make_dialogue(const Options& options, std::size_t connection);

}  // namespace socketserver::bench
