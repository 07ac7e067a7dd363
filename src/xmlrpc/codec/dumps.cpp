#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <stdexcept>

#include "xmlrpc/codec/encoding_name.hpp"
#include "xmlrpc/codec/marshaller.hpp"

namespace socketserver::xmlrpc {
namespace {

/// The XML declaration; an encoding's name that could be anything else there is refused.
std::string declaration(const std::string& encoding) {
  if (names_utf8(encoding)) return "<?xml version='1.0'?>\n";
  return "<?xml version='1.0' encoding='" + std::string(registered_name(encoding)) + "'?>\n";
}

std::string finished(Marshaller&& marshaller, const DumpOptions& options) {
  std::string text = std::move(marshaller).take();
  if (!names_utf8(options.encoding)) text = transcode(text, options.encoding);
  if (text.size() > options.max_bytes) fail_too_long(options.max_bytes);
  return text;
}

void write_params(Marshaller& marshaller, const Array& params) {
  marshaller.markup("<params>\n");
  for (const Value& param : params) {
    marshaller.markup("<param>\n");
    marshaller.value(param);
    marshaller.markup("</param>\n");
  }
  marshaller.markup("</params>\n");
}

}  // namespace

std::string dumps(const Array& params, const DumpOptions& options) {
  if (options.methodresponse && params.size() != 1) {
    throw std::logic_error("xmlrpc::dumps: a response has exactly one value");
  }
  Marshaller marshaller(options);
  if (options.methodresponse) {
    marshaller.markup(declaration(options.encoding));
    marshaller.markup("<methodResponse>\n");
    write_params(marshaller, params);
    marshaller.markup("</methodResponse>\n");
  } else if (options.methodname && !options.methodname->empty()) {
    marshaller.markup(declaration(options.encoding));
    marshaller.markup("<methodCall>\n<methodName>");
    marshaller.text(*options.methodname);
    marshaller.markup("</methodName>\n");
    write_params(marshaller, params);
    marshaller.markup("</methodCall>\n");
  } else {
    write_params(marshaller, params);
  }
  return finished(std::move(marshaller), options);
}

std::string dumps(const Fault& fault, const DumpOptions& options) {
  Marshaller marshaller(options);
  marshaller.markup(declaration(options.encoding));
  marshaller.markup("<methodResponse>\n<fault>\n");
  marshaller.value(fault.to_struct());
  marshaller.markup("</fault>\n</methodResponse>\n");
  return finished(std::move(marshaller), options);
}

}  // namespace socketserver::xmlrpc
