// The input is a document. Fed whole or in pieces it must come to the same, within its limits; a
// message that was read is the same after it was written and read again.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

#include "require.hpp"

namespace xmlrpc = socketserver::xmlrpc;

namespace {

constexpr xmlrpc::LoadLimits kLimits{.bytes = 4096, .depth = 8, .values = 200};
const xmlrpc::DumpOptions kExtensions{.allow_none = true, .allow_i8 = true};

struct Outcome {
  std::optional<xmlrpc::Message> message;
  xmlrpc::ParseFailure failure;
};

Outcome read(std::string_view document, std::size_t piece, const xmlrpc::LoadLimits& limits) {
  xmlrpc::Unmarshaller unmarshaller(limits);
  bool good = true;
  while (good && !document.empty()) {
    good = unmarshaller.feed(document.substr(0, piece));
    document.remove_prefix(std::min(piece, document.size()));
  }
  Outcome outcome{unmarshaller.close(), unmarshaller.failure()};
  require(good || !outcome.message, "what was refused stays refused");
  require(outcome.message || outcome.failure.code < 0, "a refusal has a code");
  return outcome;
}

std::size_t depth_of(const xmlrpc::Value& value) {
  std::size_t deepest = 0;
  if (const auto* array = value.get_if<xmlrpc::Array>()) {
    for (const auto& element : *array) deepest = std::max(deepest, depth_of(element));
    return deepest + 1;
  }
  if (const auto* members = value.get_if<xmlrpc::Struct>()) {
    for (const auto& [name, member] : *members) deepest = std::max(deepest, depth_of(member));
    return deepest + 1;
  }
  return 0;
}

void write_and_read(const xmlrpc::Message& message) {
  if (message.kind == xmlrpc::MessageKind::fault) {
    const std::string document =
        xmlrpc::dumps(xmlrpc::Fault(message.fault_code, message.fault_text));
    const auto again = read(document, document.size(), {}).message;
    require(again && again->fault_code == message.fault_code, "a fault keeps its code");
    require(again->fault_text == message.fault_text, "a fault keeps its text");
    return;
  }
  for (const auto& param : message.params) require(depth_of(param) <= kLimits.depth, "depth");
  const std::string document = xmlrpc::dumps(message.params, kExtensions);
  const auto again = read(document, document.size(), {}).message;
  require(again.has_value(), "what was written can be read");
  // By text: nan is not equal to itself.
  require(xmlrpc::dumps(again->params, kExtensions) == document, "and is the same");
}

/// `loads` throws for what is no message, and for a fault.
bool is_loaded(std::string_view document) {
  try {
    static_cast<void>(xmlrpc::loads(document, kLimits));
    return true;
  } catch (const xmlrpc::Error&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view document(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(document, std::max<std::size_t>(size, 1), kLimits);
  for (const std::size_t piece : {std::size_t{1}, 1 + size / 3}) {
    const Outcome pieces = read(document, piece, kLimits);
    require(pieces.message.has_value() == whole.message.has_value(), "cuts decide nothing");
    if (whole.message) continue;
    if (size <= kLimits.bytes) {
      require(pieces.failure.code == whole.failure.code, "nor about the reason");
    }
  }
  const bool has_values = whole.message && whole.message->kind != xmlrpc::MessageKind::fault;
  require(is_loaded(document) == has_values, "both ways to read agree");
  if (whole.message) write_and_read(*whole.message);
  return 0;
}
