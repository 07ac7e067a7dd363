#include <expat.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <new>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "xmlrpc/codec/message_builder.hpp"
#include "xmlrpc/codec/single_byte_encoding.hpp"

namespace socketserver::xmlrpc {

struct ExpatDeleter {
  void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
};

using Expat = std::unique_ptr<std::remove_pointer_t<XML_Parser>, ExpatDeleter>;

namespace {

/// A tag, a comment or a processing instruction. Calls need a hundred bytes.
constexpr std::size_t kLongestTag = std::size_t{16} * 1024;

/// What is handed to expat at once: it reads a whole tag, with all attributes, before it asks. A
/// tag that began in the same piece is never too long.
constexpr std::size_t kPiece = kLongestTag;

/// Two bytes tell an encoding that is not declared; expat decides when it has one. So with the
/// first of them it waits for a second.
constexpr std::size_t kWaitsAtFirst = 1;

/// Different names of attributes in a message: expat keeps each. XML-RPC has none; documents come
/// with those of namespaces, and a few others that nobody reads.
constexpr std::size_t kMostAttributes = 16;

/// A parser that has read no more than this reads the thread's next message, too: to make and free
/// one is a tenth of what a short call costs. After a long message it would keep much memory.
constexpr std::size_t kWorthKeeping = std::size_t{16} * 1024;

thread_local Expat spare_parser;

Expat make_parser() {
  Expat parser = std::move(spare_parser);
  if (!parser) parser.reset(XML_ParserCreate(nullptr));
  if (!parser) throw std::bad_alloc();
  return parser;
}

int XMLCALL find_encoding(void*, const XML_Char* name, XML_Encoding* encoding) {
  encoding->data = nullptr;
  encoding->convert = nullptr;
  encoding->release = nullptr;
  return map_single_byte_encoding(name, encoding->map) ? XML_STATUS_OK : XML_STATUS_ERROR;
}

/// What expat's hash tables are salted with in this process; it would ask the kernel for each
/// message. 0 when the kernel has no random bytes: then expat finds its own.
unsigned long hash_salt() {
  static const unsigned long salt = [] {
    unsigned long random = 0;
    return ::getentropy(&random, sizeof random) == 0 ? random : 0;
  }();
  return salt;
}

bool is_about_encoding(XML_Error error) {
  return error == XML_ERROR_UNKNOWN_ENCODING || error == XML_ERROR_INCORRECT_ENCODING;
}

}  // namespace

/// Feeds expat, and a MessageBuilder with what expat sees. Expat's guard against amplification
/// stays on, though without a DTD there is no entity to amplify.
struct Unmarshaller::Parser {
  explicit Parser(const LoadLimits& limits)
      : max_bytes(limits.bytes), builder(limits), expat(make_parser()) {
    XML_SetHashSalt(expat.get(), hash_salt());
    XML_SetUserData(expat.get(), this);
    XML_SetElementHandler(expat.get(), on_start, on_end);
    XML_SetCommentHandler(expat.get(), on_comment);
    XML_SetProcessingInstructionHandler(expat.get(), on_instruction);
    XML_SetStartDoctypeDeclHandler(expat.get(), on_doctype);
    XML_SetUnknownEncodingHandler(expat.get(), find_encoding, nullptr);
  }

  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  ~Parser() {
    if (received > kWorthKeeping || !XML_ParserReset(expat.get(), nullptr)) return;
    spare_parser = std::move(expat);
  }

  /// Runs what a handler does. An exception (there is no memory) must not pass through expat.
  template <typename Action>
  void handle(Action&& action) noexcept {
    if (failed) return;  // expat may finish what it is at
    try {
      if (!action()) fail(builder.failure());
    } catch (...) {
      failed = true;
      exception = std::current_exception();
      XML_StopParser(expat.get(), XML_FALSE);
    }
  }

  static void XMLCALL on_start(void* self, const XML_Char* name, const XML_Char** attributes) {
    auto& parser = *static_cast<Parser*>(self);
    parser.handle([&parser, name, attributes] {
      if (!parser.check_tag()) return true;
      if (*attributes != nullptr && !parser.check_attributes(attributes)) return true;
      return parser.builder.start(name);
    });
    parser.listen();
  }

  static void XMLCALL on_end(void* self, const XML_Char*) {
    auto& parser = *static_cast<Parser*>(self);
    parser.handle([&parser] { return !parser.check_tag() || parser.builder.end(); });
    parser.listen();
  }

  static void XMLCALL on_comment(void* self, const XML_Char*) {
    auto& parser = *static_cast<Parser*>(self);
    parser.handle([&parser] {
      parser.check_tag();
      return true;
    });
  }

  static void XMLCALL on_instruction(void* self, const XML_Char*, const XML_Char*) {
    on_comment(self, nullptr);
  }

  static void XMLCALL on_text(void* self, const XML_Char* text, int size) {
    auto& parser = *static_cast<Parser*>(self);
    parser.handle([&parser, text, size] {
      parser.builder.text({text, static_cast<std::size_t>(size)});
      return true;
    });
  }

  static void XMLCALL on_doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*,
                                 int) {
    auto& parser = *static_cast<Parser*>(self);
    parser.handle([&parser] {
      parser.fail({.code = INVALID_XMLRPC, .text = "a document type declaration"});
      return true;
    });
  }

  /// Has expat tell of text where it matters: mostly it is what indents elements.
  void listen() noexcept {
    if (listening == builder.collects_text()) return;
    listening = !listening;
    XML_SetCharacterDataHandler(expat.get(), listening ? on_text : nullptr);
  }

  /// Refuses a tag that is too long, however it came. Returns false then.
  bool check_tag() {
    if (!std::exchange(began_before, false)) return true;
    return check_tag(static_cast<std::size_t>(XML_GetCurrentByteCount(expat.get())));
  }

  bool check_tag(std::size_t bytes) {
    if (bytes <= kLongestTag) return true;
    fail({.code = SYSTEM_ERROR,
          .text = "a tag of more than " + std::to_string(kLongestTag) + " bytes"});
    return false;
  }

  /// @param attributes  names and values by turns, up to a null.
  bool check_attributes(const XML_Char** attributes) {
    for (; *attributes != nullptr; attributes += 2) {
      if (std::ranges::find(attribute_names, *attributes) != attribute_names.end()) continue;
      if (attribute_names.size() == kMostAttributes) {
        fail({.code = SYSTEM_ERROR,
              .text = "more than " + std::to_string(kMostAttributes) + " different attributes"});
        return false;
      }
      attribute_names.emplace_back(*attributes);
    }
    return true;
  }

  /// Refuses the message for what stands where expat is.
  void fail(ParseFailure why) {
    failed = true;
    failure = std::move(why);
    add_position();
    XML_StopParser(expat.get(), XML_FALSE);
  }

  void fail_without_position(ParseFailure why) {
    failed = true;
    failure = std::move(why);
  }

  void add_position() {
    failure.text += ": line " + std::to_string(XML_GetCurrentLineNumber(expat.get())) +
                    ", column " + std::to_string(XML_GetCurrentColumnNumber(expat.get()));
  }

  bool feed(std::string_view bytes) {
    if (failed) return false;
    if (bytes.size() > max_bytes - received) {
      fail_without_position(
          {.code = SYSTEM_ERROR, .text = "more than " + std::to_string(max_bytes) + " bytes"});
      return false;
    }
    received += bytes.size();
    if (waiting.empty() && bytes.size() > incomplete) return parse(bytes, false);
    waiting.append(bytes);
    return waiting.size() <= incomplete || parse_waiting(false);
  }

  bool parse_waiting(bool is_last) {
    const bool good = parse(waiting, is_last);
    waiting.clear();
    return good;
  }

  bool parse(std::string_view bytes, bool is_last) {
    do {
      const std::string_view piece = bytes.substr(0, kPiece);
      bytes.remove_prefix(piece.size());
      parsed += piece.size();
      began_before = incomplete > 0;
      const XML_Status status = XML_Parse(expat.get(), piece.data(), static_cast<int>(piece.size()),
                                          is_last && bytes.empty() ? XML_TRUE : XML_FALSE);
      if (exception) std::rethrow_exception(exception);
      if (failed) return false;
      if (status != XML_STATUS_OK) return fail_by_expat();
      const XML_Index consumed = XML_GetCurrentByteIndex(expat.get());
      incomplete = consumed < 0 ? 0 : parsed - static_cast<std::size_t>(consumed);
      if (!check_tag(incomplete)) return false;
    } while (!bytes.empty());
    return true;
  }

  bool fail_by_expat() {
    const XML_Error error = XML_GetErrorCode(expat.get());
    if (error == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    failed = true;
    failure = {.code = is_about_encoding(error) ? UNSUPPORTED_ENCODING : NOT_WELLFORMED_ERROR,
               .text = XML_ErrorString(error)};
    add_position();
    return false;
  }

  std::size_t max_bytes;
  std::size_t received = 0;
  MessageBuilder builder;
  Expat expat;
  bool listening = false;  ///< Whether on_text is called.
  bool failed = false;
  ParseFailure failure;
  std::exception_ptr exception;
  std::vector<std::string> attribute_names;

  /// Expat 2.5 begins an incomplete tag again with each piece that it gets (CVE-2023-52425). So the
  /// next piece must be larger than what is incomplete: then the work is at most doubled.
  std::string waiting;
  std::size_t incomplete = kWaitsAtFirst;
  std::size_t parsed = 0;
  bool began_before = false;  ///< The next tag may have begun in an earlier piece.
};

Unmarshaller::Unmarshaller(const LoadLimits& limits) : parser_(std::make_unique<Parser>(limits)) {}
Unmarshaller::~Unmarshaller() = default;
Unmarshaller::Unmarshaller(Unmarshaller&&) noexcept = default;
Unmarshaller& Unmarshaller::operator=(Unmarshaller&&) noexcept = default;

bool Unmarshaller::feed(std::string_view bytes) {
  return parser_->feed(bytes);
}

std::optional<Message> Unmarshaller::close() {
  if (parser_->failed || !parser_->parse_waiting(true)) return std::nullopt;
  return parser_->builder.take();
}

const ParseFailure& Unmarshaller::failure() const noexcept {
  return parser_->failure;
}

Message loads(std::string_view document, const LoadLimits& limits) {
  Unmarshaller unmarshaller(limits);
  std::optional<Message> message;
  if (unmarshaller.feed(document)) message = unmarshaller.close();
  if (!message) throw ResponseError(unmarshaller.failure().text);
  if (message->kind == MessageKind::fault) throw Fault(message->fault_code, message->fault_text);
  return std::move(*message);
}

}  // namespace socketserver::xmlrpc
