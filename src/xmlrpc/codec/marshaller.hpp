#pragma once

#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// Writes values as XML in UTF-8, straight into one string.
class Marshaller {
 public:
  explicit Marshaller(const DumpOptions& options) : options_(options) {}

  /// Appends what is XML already.
  void markup(std::string_view text) { out_ += text; }

  /// Appends text with what XML reserves escaped. @throws TypeError for what XML cannot hold, Error
  /// for more than `max_bytes`.
  void text(std::string_view text);

  /// Appends `<value>…</value>`, with a line end but for nil, as Python does.
  void value(const Value& value);

  [[nodiscard]] std::string take() && { return std::move(out_); }

  void operator()(Value::Nil);
  void operator()(bool value);
  void operator()(std::int64_t value);
  void operator()(double value);
  void operator()(const std::string& value);
  void operator()(const Binary& value);
  void operator()(const DateTime& value);
  void operator()(const BigInteger& value);
  void operator()(const Decimal& value);
  void operator()(const Array& values);
  void operator()(const Struct& members);

 private:
  void require_room(std::size_t bytes) const;

  const DumpOptions& options_;
  std::string out_;
};

/// @throws Error saying that so many bytes may be written.
[[noreturn]] void fail_too_long(std::size_t max_bytes);

/// Writes UTF-8 text in another encoding; characters that it lacks become `&#8364;`.
/// @throws std::invalid_argument for an encoding that this system does not know.
std::string transcode(std::string_view text, const std::string& encoding);

/// Whether that is a name of UTF-8.
bool names_utf8(std::string_view encoding) noexcept;

}  // namespace socketserver::xmlrpc
