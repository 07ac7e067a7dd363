#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/loads.hpp>

namespace socketserver::xmlrpc {

/// What came of a document, as text: "call 'name' [1, 'x']", "response [5]", "params []",
/// "fault 4 'text'", or "-32600 why: line 1, column 5". `cuts` are the offsets at which it is cut.
std::string outcome(std::string_view document, std::initializer_list<std::size_t> cuts = {},
                    const LoadLimits& limits = {});

/// The same, fed byte by byte.
std::string outcome_by_bytes(std::string_view document, const LoadLimits& limits = {});

/// A document, or the inside of a value, and what must come of it; a failure without its position.
struct Row {
  std::string document;
  std::string_view outcome;
};

/// Expects the outcomes, of each document whole, cut once at every byte, and byte by byte.
void expect_documents(std::initializer_list<Row> rows);

/// The same for `<params><param><value>…</value></param></params>`; the outcome is the one value.
void expect_values(std::initializer_list<Row> rows);

}  // namespace socketserver::xmlrpc
