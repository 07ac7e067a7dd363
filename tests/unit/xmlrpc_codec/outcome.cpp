#include "tests/unit/xmlrpc_codec/outcome.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace socketserver::xmlrpc {
namespace {

std::string described(const Message& message) {
  std::ostringstream out;
  switch (message.kind) {
    case MessageKind::call:
      out << "call " << Value(message.methodname) << ' ';
      break;
    case MessageKind::response:
      out << "response ";
      break;
    case MessageKind::params:
      out << "params ";
      break;
    case MessageKind::fault:
      out << "fault " << message.fault_code << ' ' << Value(message.fault_text);
      EXPECT_TRUE(message.params.empty());
      return out.str();
  }
  out << Value(message.params);
  return out.str();
}

std::string closed(Unmarshaller& unmarshaller) {
  if (const auto message = unmarshaller.close()) return described(*message);
  const ParseFailure& failure = unmarshaller.failure();
  return std::to_string(failure.code) + " " + failure.text;
}

void expect(std::string_view document, std::string_view expected) {
  const std::string whole = outcome(document);
  const bool is_failure = whole.starts_with('-');
  EXPECT_EQ(is_failure ? whole.substr(0, whole.rfind(": line ")) : whole, expected) << document;
  for (std::size_t cut = 1; cut < document.size(); ++cut) {
    ASSERT_EQ(outcome(document, {cut}), whole) << "cut at " << cut << ": " << document;
  }
  EXPECT_EQ(outcome_by_bytes(document), whole) << document;
}

}  // namespace

std::string outcome(std::string_view document, std::initializer_list<std::size_t> cuts,
                    const LoadLimits& limits) {
  Unmarshaller unmarshaller(limits);
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    (void)unmarshaller.feed(document.substr(begin, cut - begin));
    begin = cut;
  }
  (void)unmarshaller.feed(document.substr(begin));
  return closed(unmarshaller);
}

std::string outcome_by_bytes(std::string_view document, const LoadLimits& limits) {
  Unmarshaller unmarshaller(limits);
  for (const char& byte : document) (void)unmarshaller.feed({&byte, 1});
  return closed(unmarshaller);
}

void expect_documents(std::initializer_list<Row> rows) {
  for (const Row& row : rows) expect(row.document, row.outcome);
}

void expect_values(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const std::string document =
        "<params><param><value>" + std::string(row.document) + "</value></param></params>";
    const std::string outcome(row.outcome);
    expect(document, outcome.starts_with("-32") ? outcome : "params [" + outcome + "]");
  }
}

}  // namespace socketserver::xmlrpc
