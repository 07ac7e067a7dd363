// What is a message: what Python's xmlrpc.client makes of the same documents, except where the
// number of a pitfall (P76, P77) says otherwise.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

#include "tests/unit/xmlrpc_codec/outcome.hpp"

namespace socketserver::xmlrpc {
namespace {

TEST(Loads, XR_053_missing_wrappers) {
  expect_documents(
      {{"<params><param><int>1</int></param></params>", "params [1]"},
       {"<params><value><int>1</int></value></params>", "params [1]"},
       {"<params><int>1</int><array/></params>", "params [1, []]"},
       {"<fault><struct><member><name>faultCode</name><value><int>4</int></value></member>"
        "<member><name>faultString</name><value>s</value></member></struct></fault>",
        "fault 4 's'"}});
}

TEST(Loads, XR_054_calls) {
  expect_documents({{"<methodCall><methodName>m</methodName></methodCall>", "call 'm' []"},
                    {"<methodCall><methodName>m</methodName><params/></methodCall>", "call 'm' []"},
                    {"<methodCall><methodName/><params/></methodCall>", "call '' []"},
                    {"<methodCall>\n <methodName>a.b</methodName>\n <params>\n  <param> "
                     "<value>1</value> </param>\n"
                     " </params>\n</methodCall>\n",
                     "call 'a.b' ['1']"}});
}

TEST(Loads, XR_055_XR_056_names_of_methods) {
  expect_documents(
      {{"<methodCall><methodName> m </methodName><params/></methodCall>", "call ' m ' []"},
       {"<methodCall><params><param><value>1</value></param></params>"
        "<methodName>m</methodName></methodCall>",
        "call 'm' ['1']"}});
}

// P76.
TEST(Loads, XR_057_pieces_missing_or_repeated) {
  expect_documents(
      {{"<methodCall><methodName>a</methodName><methodName>b</methodName><params/></methodCall>",
        "-32600 more than one methodName"},
       {"<methodCall><methodName>a</methodName><params/><params/></methodCall>",
        "-32600 more than one params or fault"},
       {"<methodCall><params/></methodCall>", "-32600 a methodCall without methodName"},
       {"<methodCall><fault/></methodCall>", "-32600 tag 'fault' in methodCall"},
       {"<methodCall><methodName>a<int/></methodName></methodCall>",
        "-32600 tag 'int' in methodName"},
       {"<methodResponse><methodName>a</methodName></methodResponse>",
        "-32600 tag 'methodName' in methodResponse"},
       {"<methodResponse/>", "-32600 a methodResponse without params or fault"},
       {"<methodResponse><params/><fault/></methodResponse>",
        "-32600 more than one params or fault"},
       {"<params><param/></params>", "-32600 a param without value"},
       {"<params><param><value/><value/></param></params>",
        "-32600 more than one value in a param"},
       {"<params><params/></params>", "-32600 tag 'params' in params"},
       {"<params><name/></params>", "-32600 tag 'name' in params"}});
}

TEST(Loads, XR_058_no_XML) {
  expect_documents({{"", "-32700 no element found"},
                    {"   ", "-32700 no element found"},
                    {"hello", "-32700 syntax error"},
                    {"<methodCall><methodName>m", "-32700 no element found"},
                    {"<methodCall", "-32700 unclosed token"},
                    {"<methodCall></params>", "-32700 mismatched tag"},
                    {"<params><param a=1/></params>", "-32700 not well-formed (invalid token)"},
                    {"<params a='1' a='2'/>", "-32700 duplicate attribute"}});
  EXPECT_EQ(outcome("<params>\n<param>\n  <value>&</value>"),
            "-32700 not well-formed (invalid token): line 3, column 10");
}

TEST(Loads, XR_059_other_roots) {
  expect_documents({{"<x/>", "-32600 unknown tag 'x'"},
                    {"<value>1</value>", "-32600 tag 'value' in document"},
                    {"<methodName>m</methodName>", "-32600 tag 'methodName' in document"},
                    {"<html><body/></html>", "-32600 unknown tag 'html'"}});
}

constexpr std::string_view kCode =
    "<member><name>faultCode</name><value><int>4</int></value></member>";
constexpr std::string_view kText =
    "<member><name>faultString</name><value>Too many.</value></member>";

std::string fault(const std::string& value) {
  return "<methodResponse><fault>" + value + "</fault></methodResponse>";
}

std::string fault_of(std::string_view a, std::string_view b = "", std::string_view c = "") {
  return fault("<value><struct>" + std::string(a) + std::string(b) + std::string(c) +
               "</struct></value>");
}

TEST(Loads, XR_060_faults) {
  expect_documents({{fault_of(kCode, kText), "fault 4 'Too many.'"},
                    {fault_of(kText, kCode), "fault 4 'Too many.'"}});
  try {
    loads(fault_of(kCode, kText));
    ADD_FAILURE() << "no fault";
  } catch (const Fault& thrown) {
    EXPECT_EQ(thrown.code(), 4);
    EXPECT_EQ(thrown.text(), "Too many.");
  }
  EXPECT_THROW(loads("<params>"), ResponseError);
}

// P76.
TEST(Loads, XR_061_XR_062_members_of_faults) {
  constexpr std::string_view kRefusal =
      "-32600 a fault that is no struct with an int faultCode and a string faultString";
  expect_documents(
      {{fault_of(kCode, kText, "<member><name>x</name><value>y</value></member>"),
        "fault 4 'Too many.'"},
       {fault_of(kCode), kRefusal},
       {fault_of(kText), kRefusal},
       {fault("<value>x</value>"), kRefusal},
       {fault("<value><array/></value>"), kRefusal},
       {fault(""), "-32600 a fault without value"},
       {fault("<value/><value/>"), "-32600 more than one value in a fault"},
       {fault_of("<member><name>faultCode</name><value>abc</value></member>", kText), kRefusal},
       {fault_of("<member><name>faultCode</name><value><i8>2147483648</i8></value></member>",
                 kText),
        kRefusal},
       {fault_of("<member><name>faultString</name><value><int>1</int></value></member>", kCode),
        kRefusal}});
}

TEST(Loads, XR_063_XML_that_says_nothing) {
  expect_documents(
      {{"\xef\xbb\xbf<?xml version=\"1.0\"?><params/>", "params []"},
       {"<?xml version=\"1.0\"?><?pi x?><params/>", "params []"},
       {"<?xml version=\"1.1\"?><params/>", "params []"},
       {"<?xml version='1.0' standalone='no'?><!-- <!DOCTYPE x> --><params/><!-- -->", "params []"},
       {"<params a=\"1\"><param><value type=\"x\"><int>1</int></value></param></params>",
        "params [1]"},
       {"<p:params xmlns:p=\"u\"><param><value><int>1</int></value></param></p:params>",
        "params [1]"},
       {"<params/>\n\n", "params []"}});
}

// P77.
TEST(Loads, XR_064_XR_065_no_document_type) {
  constexpr std::string_view kRefusal = "-32600 a document type declaration";
  expect_documents(
      {{"<!DOCTYPE x><params/>", kRefusal},
       {"<!DOCTYPE params SYSTEM \"http://127.0.0.1/x.dtd\"><params/>", kRefusal},
       {"<!DOCTYPE params PUBLIC \"a\" \"b\"><params/>", kRefusal},
       {"<!DOCTYPE x [<!ENTITY e \"boom\">]><params><param><value>&e;</value></param></params>",
        kRefusal},
       {"<!DOCTYPE x [<!ENTITY e SYSTEM "
        "\"file:///etc/passwd\">]><params><param><value>a&e;b</value>"
        "</param></params>",
        kRefusal},
       {"<!DOCTYPE x [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]><params/>", kRefusal},
       {"<?xml version='1.0'?>\n<!-- --><!DOCTYPE\nx\n[<!ELEMENT x ANY>]><x/>", kRefusal}});
  Unmarshaller at_once;
  EXPECT_FALSE(at_once.feed("<!DOCTYPE x ["));
  EXPECT_EQ(at_once.failure().text, "a document type declaration: line 1, column 12");
  EXPECT_FALSE(at_once.feed("<!ENTITY"));
  EXPECT_FALSE(at_once.close());
}

TEST(Loads, XR_066_characters_and_entities) {
  const auto value = [](const std::string& text) {
    return "<params><param><value>" + text + "</value></param></params>";
  };
  constexpr std::string_view kToken = "-32700 not well-formed (invalid token)";
  constexpr std::string_view kNumber = "-32700 reference to invalid character number";
  constexpr std::string_view kJunk = "-32700 junk after document element";
  expect_documents({{value("&nope;"), "-32700 undefined entity"},
                    {value("\x01"), kToken},
                    {value("a\x1f"), kToken},
                    {value("]]>"), kToken},
                    {value("&#1;"), kNumber},
                    {value("&#0;"), kNumber},
                    {value("&#xD800;"), kNumber},
                    {value("&#x110000;"), kNumber},
                    {"<params/>junk", kJunk},
                    {"<params/><params/>", kJunk}});
  EXPECT_TRUE(outcome(value(std::string("\0", 1))).starts_with(kToken));
}

TEST(Loads, XR_067_line_ends) {
  expect_documents(
      {{"<params>\r\n<param>\r\n<value>a\r\nb\rc</value>\r\n</param></params>",
        "params ['a\\nb\\nc']"},
       {"<params><param><value>a&#13;b</value></param></params>", "params ['a\\rb']"}});
}

std::string utf16(std::u16string_view text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 0xff);
    bytes += big_endian ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

TEST(Loads, XR_068_declared_encodings) {
  const auto document = [](const std::string& encoding, const std::string& bytes) {
    return "<?xml version='1.0' encoding='" + encoding + "'?><params><param><value>" + bytes +
           "</value></param></params>";
  };
  constexpr std::u16string_view kWide =
      u"\ufeff<?xml version=\"1.0\" encoding=\"utf-16\"?><params><param><value>\u20ac\U0001d518"
      u"</value></param></params>";
  expect_documents({{document("iso-8859-1", "\xe9"), "params ['é']"},
                    {document("ISO-8859-15", "\xa4"), "params ['€']"},
                    {document("latin-9", "\xa4"), "params ['€']"},
                    {document("windows-1252", "\x80\x99"), "params ['€™']"},
                    {document("cp1252", "\x80"), "params ['€']"},
                    {document("koi8-r", "\xc1"), "params ['а']"},
                    {document("utf-8", "é"), "params ['é']"},
                    {document("us-ascii", "e"), "params ['e']"},
                    {utf16(kWide, false), "params ['€𝔘']"},
                    {utf16(kWide, true), "params ['€𝔘']"}});
}

TEST(Loads, XR_068_two_bytes_tell_an_undeclared_encoding) {
  constexpr std::u16string_view kIndented = u"\n<params><param><value>e</value></param></params>";
  expect_documents({{utf16(kIndented, false), "params ['e']"},
                    {utf16(kIndented, true), "params ['e']"},
                    {"\n<params><param><value>e</value></param></params>", "params ['e']"},
                    {"\n", "-32700 no element found"},
                    {"\xfe", "-32700 unclosed token"},
                    {"", "-32700 no element found"}});
}

TEST(Loads, XR_069_bad_bytes_and_encodings) {
  const auto document = [](const std::string& encoding, const std::string& bytes = "") {
    return "<?xml version='1.0' encoding='" + encoding + "'?><params><param><value>" + bytes +
           "</value></param></params>";
  };
  constexpr std::string_view kToken = "-32700 not well-formed (invalid token)";
  expect_documents(
      {{"<params><param><value>\xff</value></param></params>", kToken},
       {"<params><param><value>\xc0\x80</value></param></params>", kToken},
       {"<params><param><value>\xed\xa0\x80</value></param></params>", kToken},
       {document("us-ascii", "\xe9"), kToken},
       {document("windows-1252", "\x81"), kToken},
       {document("klingon"), "-32701 unknown encoding"},
       {document("utf-7"), "-32701 unknown encoding"},
       {document("shift_jis"), "-32701 unknown encoding"},
       {document("iso-2022-kr"), "-32701 unknown encoding"},
       {document("cp1255-x"), "-32701 unknown encoding"},
       {document("utf-16"), "-32701 encoding specified in XML declaration is incorrect"}});
}

TEST(Loads, a_response_may_have_any_number_of_values) {
  expect_documents(
      {{"<methodResponse><params><param><value>1</value></param></params></methodResponse>",
        "response ['1']"},
       {"<methodResponse><params><param><value>1</value></param><param><value>2</value>"
        "</param></params></methodResponse>",
        "response ['1', '2']"},
       {"<methodResponse><params/></methodResponse>", "response []"}});
}

}  // namespace
}  // namespace socketserver::xmlrpc
