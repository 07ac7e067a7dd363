#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// Bounds what one message may cost its receiver.
struct LoadLimits {
  std::size_t bytes = std::size_t{8} * 1024 * 1024;  ///< Of the document, decompressed.

  /// Arrays and structs in one another. Each level costs stack when values are destroyed, compared
  /// or written.
  std::size_t depth = 64;

  /// In the whole message, members included; each takes 40 to 72 bytes beside its text.
  std::size_t values = 1'000'000;
};

/// What a document was, by its root element; a response with a fault is a fault.
enum class MessageKind { call, response, fault, params };

/// A message that was read.
struct Message {
  MessageKind kind = MessageKind::params;  ///< Which of the three documents it is.
  std::string methodname;                  ///< Of a call.
  Array params;                            ///< Of a call or a response, which should have one.
  int fault_code = 0;                      ///< Of a fault.
  std::string fault_text;                  ///< Of a fault.
};

/// Why a document could not be read.
struct ParseFailure {
  /// NOT_WELLFORMED_ERROR, UNSUPPORTED_ENCODING, INVALID_XMLRPC, or SYSTEM_ERROR over a limit.
  int code = 0;
  std::string text;  ///< With line and column where the XML is at fault.
};

/// Reads one message as its bytes come; never throws for what they are.
///
/// Any document type declaration is refused, so that no entity expands and nothing is fetched.
/// Thread safety: none; one message, one thread.
/// Source: Python `ExpatParser` with `Unmarshaller`.
class Unmarshaller {
 public:
  /// @param limits  beyond which it fails.
  explicit Unmarshaller(const LoadLimits& limits = {});
  ~Unmarshaller();
  Unmarshaller(Unmarshaller&&) noexcept;
  Unmarshaller& operator=(Unmarshaller&&) noexcept;

  /// Takes the next bytes. Returns false once the message is known to be bad: see failure().
  /// @throws std::bad_alloc, after which the object is of no use.
  [[nodiscard]] bool feed(std::string_view bytes);

  /// Says that no more bytes come. Returns the message, or nothing: see failure(). Called once.
  std::optional<Message> close();

  /// What was wrong after a refusal.
  [[nodiscard]] const ParseFailure& failure() const noexcept;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// Reads a whole message.
///
/// @throws Fault when the message is one, ResponseError when it is none or over a limit.
/// Source: Python `xmlrpc.client.loads`.
Message loads(std::string_view document, const LoadLimits& limits = {});

}  // namespace socketserver::xmlrpc
