#include <socketserver/xmlrpc/doc_generator.hpp>

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>

#include "xmlrpc/doc_assets.hpp"
#include "xmlrpc/doc_markup.hpp"

namespace socketserver {
namespace {

std::string attribute(std::string_view text) {
  return http::escape_html(text, true);
}

/// What the page knows of a method.
struct Entry {
  std::string name;
  std::shared_ptr<const xmlrpc::Method> method;  // null: only the instance's functions know it
  std::string arguments;                         // HTML
  std::string help;
};

std::string parameter_name(const xmlrpc::Method& method, std::size_t index) {
  if (!method.params().empty()) return method.params()[index];
  return "argument " + std::to_string(index + 1);
}

std::string typed(std::string_view type) {
  return "<span class=\"type\">" + http::escape_html(type) + "</span>";
}

/// `(int a, int b)` and the result.
std::string arguments_of(const xmlrpc::Method& method) {
  std::string html = "(";
  if (method.takes_all()) {
    html += "…";
  } else {
    for (std::size_t i = 0; i + 1 < method.types().size(); ++i) {
      if (i > 0) html += ", ";
      html += typed(method.types()[i + 1]);
      if (!method.params().empty()) html += ' ' + http::escape_html(method.params()[i]);
      if (i >= method.least_params()) html += '?';
    }
  }
  return html + ") → " + typed(method.types().front());
}

std::optional<Entry> entry_of(const SimpleXMLRPCDispatcher& documented, const std::string& name) {
  Entry entry{.name = name, .method = documented.find_method(name), .arguments = {}, .help = {}};
  const auto object = documented.instance();
  if (!entry.method && !object) return std::nullopt;  // registered as not supported
  if (entry.method) entry.arguments = arguments_of(*entry.method);
  if (object) {
    if (const auto text = object->_get_method_argstring(name)) {
      entry.arguments = http::escape_html(*text);
    }
  }
  entry.help = documented.system_methodHelp(name);
  return entry;
}

/// The field to type a parameter into.
std::string field(std::string_view name, std::string_view type, bool optional) {
  const std::string attributes = "data-type=\"" + attribute(type) + "\" data-name=\"" +
                                 attribute(name) + '"' + (optional ? " data-optional=\"1\"" : "");
  std::string html = "<label>" + http::escape_html(name) + ' ' + typed(type);
  if (type == "boolean") {
    html += "<select " + attributes + '>';
    if (optional) html += "<option value=\"\"></option>";
    html += "<option value=\"1\">true</option><option value=\"0\">false</option></select>";
  } else if (type == "array" || type == "struct" || type == "any") {
    html += "<textarea rows=\"2\" placeholder=\"JSON\" " + attributes + "></textarea>";
  } else {
    html += "<input autocomplete=\"off\" " + attributes + '>';
  }
  return html + "</label>";
}

std::string form_of(const Entry& entry) {
  const bool all = !entry.method || entry.method->takes_all();
  std::string html = "<details hidden><summary>Try it</summary>\n<form data-method=\"" +
                     attribute(entry.name) + '"' + (all ? " data-all=\"1\"" : "") + '>';
  if (all) {
    html +=
        "<label>Arguments, as JSON<textarea rows=\"2\" placeholder=\"1, &quot;two&quot;\" "
        "data-type=\"all\" data-name=\"arguments\"></textarea></label>";
  } else {
    const auto types = entry.method->types().subspan(1);
    for (std::size_t i = 0; i < types.size(); ++i) {
      html += field(parameter_name(*entry.method, i), types[i], i >= entry.method->least_params());
    }
  }
  return html + "<button>Call</button><output aria-live=\"polite\"></output></form></details>\n";
}

void append_entry(std::string& html, const Entry& entry, std::span<const std::string> methods) {
  const std::string anchor = "-" + attribute(entry.name);
  html += "<section id=\"" + anchor + "\"><h2><a href=\"#" + anchor + "\">" +
          http::escape_html(entry.name) + "</a><span class=\"rest\">" + entry.arguments +
          "</span></h2>\n";
  if (!entry.help.empty()) {
    html += "<p class=\"doc\">" + xmlrpc::mark_up(entry.help, methods) + "</p>\n";
  }
  html += form_of(entry) + "</section>\n";
}

}  // namespace

XMLRPCDocGenerator::XMLRPCDocGenerator(const SimpleXMLRPCDispatcher& documented)
    : documented_(documented),
      title_("XML-RPC server"),
      name_("XML-RPC server"),
      documentation_("The methods that this server offers by XML-RPC.") {}

XMLRPCDocGenerator::~XMLRPCDocGenerator() = default;

void XMLRPCDocGenerator::set_server_title(std::string server_title) {
  const detail::ThreadLock lock(texts_mutex_);
  title_ = std::move(server_title);
}

void XMLRPCDocGenerator::set_server_name(std::string server_name) {
  const detail::ThreadLock lock(texts_mutex_);
  name_ = std::move(server_name);
}

void XMLRPCDocGenerator::set_server_documentation(std::string server_documentation) {
  const detail::ThreadLock lock(texts_mutex_);
  documentation_ = std::move(server_documentation);
}

std::string XMLRPCDocGenerator::generate_html_documentation() const {
  std::string title;
  std::string name;
  std::string documentation;
  {
    const detail::ThreadLock lock(texts_mutex_);
    title = title_;
    name = name_;
    documentation = documentation_;
  }
  const std::vector<std::string> methods = documented_.system_listMethods();
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>" +
      http::escape_html(title) + "</title>\n<style>" + style_sheet() +
      "</style>\n</head>\n<body>\n<header>\n<h1>" + http::escape_html(name) +
      "</h1>\n<p class=\"doc\">" + xmlrpc::mark_up(documentation, methods) +
      "</p>\n</header>\n<div class=\"columns\">\n<nav aria-label=\"Methods\">\n<ul>\n";
  std::string sections;
  for (const std::string& method : methods) {
    const auto entry = entry_of(documented_, method);
    if (!entry) continue;
    html +=
        "<li><a href=\"#-" + attribute(method) + "\">" + http::escape_html(method) + "</a></li>\n";
    append_entry(sections, *entry, methods);
  }
  html += "</ul>\n</nav>\n<main>\n" + sections + "</main>\n</div>\n<script>";
  return html.append(xmlrpc::kDocScript).append("</script>\n</body>\n</html>\n");
}

std::string XMLRPCDocGenerator::content_security_policy() const {
  return std::string(xmlrpc::kDocPolicy);
}

std::string XMLRPCDocGenerator::style_sheet() {
  return std::string(xmlrpc::kDocStyle);
}

}  // namespace socketserver
