#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

namespace socketserver::xmlrpc {
namespace {

/// What dumps makes of one value, without what is around it.
std::string inner(const Value& value, const DumpOptions& options = {}) {
  constexpr std::string_view kHead = "<params>\n<param>\n<value>";
  const std::string document = dumps({value}, options);
  EXPECT_TRUE(document.starts_with(kHead)) << document;
  const std::size_t end = document.rfind("</value>");
  EXPECT_NE(end, std::string::npos);
  const std::string tail = document.substr(end);
  EXPECT_EQ(tail, std::string("</value>") + (value.is_nil() ? "" : "\n") + "</param>\n</params>\n");
  return document.substr(kHead.size(), end - kHead.size());
}

std::string refusal(const Value& value, const DumpOptions& options = {}) {
  try {
    return "written: " + dumps({value}, options);
  } catch (const TypeError& error) {
    return error.what();
  }
}

TEST(Dumps, XR_001_int) {
  EXPECT_EQ(inner(0), "<int>0</int>");
  EXPECT_EQ(inner(2147483647), "<int>2147483647</int>");
  EXPECT_EQ(inner(std::numeric_limits<std::int32_t>::min()), "<int>-2147483648</int>");
  EXPECT_EQ(refusal(2147483648), "int exceeds XML-RPC limits");
  EXPECT_EQ(refusal(-2147483649), "int exceeds XML-RPC limits");
  EXPECT_EQ(refusal(BigInteger{"98765432100123456789"}), "int exceeds XML-RPC limits");
  EXPECT_EQ(inner(2147483648, {.allow_i8 = true}), "<i8>2147483648</i8>");
  EXPECT_EQ(inner(BigInteger{"98765432100123456789"}, {.allow_i8 = true}),
            "<biginteger>98765432100123456789</biginteger>");
}

TEST(Dumps, XR_002_boolean) {
  EXPECT_EQ(inner(true), "<boolean>1</boolean>");
  EXPECT_EQ(inner(false), "<boolean>0</boolean>");
}

TEST(Dumps, XR_003_double) {
  EXPECT_EQ(inner(1.0), "<double>1.0</double>");
  EXPECT_EQ(inner(0.1), "<double>0.1</double>");
  EXPECT_EQ(inner(1e16), "<double>1e+16</double>");
  EXPECT_EQ(inner(1e-5), "<double>1e-05</double>");
  EXPECT_EQ(inner(1e300), "<double>1e+300</double>");
  EXPECT_EQ(inner(-0.0), "<double>-0.0</double>");
}

TEST(Dumps, XR_004_nan_and_inf) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(inner(std::numeric_limits<double>::quiet_NaN()), "<double>nan</double>");
  EXPECT_EQ(inner(kInf), "<double>inf</double>");
  EXPECT_EQ(inner(-kInf), "<double>-inf</double>");
  EXPECT_EQ(refusal(kInf, {.allow_nonfinite = false}),
            "cannot marshal nan and inf unless allow_nonfinite is enabled");
}

TEST(Dumps, XR_005_escaped) {
  EXPECT_EQ(inner("a<b>&\"'"), "<string>a&lt;b&gt;&amp;\"'</string>");
}

// P70.
TEST(Dumps, XR_006_what_XML_cannot_hold) {
  EXPECT_EQ(refusal("a\x01z"), "cannot marshal the control character '\\x01'");
  EXPECT_EQ(refusal(std::string("\0", 1)), "cannot marshal the control character '\\x00'");
  EXPECT_EQ(refusal("\x1f"), "cannot marshal the control character '\\x1f'");
  for (const std::string_view text :
       {"\xed\xa0\x80", "\xff", "\xc3", "\xc0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(refusal(text), "cannot marshal text that is no UTF-8");
  }
  EXPECT_EQ(refusal("\xef\xbf\xbe"), "cannot marshal U+FFFE and U+FFFF");
  EXPECT_EQ(inner("\x7f\xef\xbf\xbd"), "<string>\x7f\xef\xbf\xbd</string>");
  EXPECT_EQ(refusal(Struct{{"\x01", 1}}), "cannot marshal the control character '\\x01'");
  EXPECT_EQ(refusal(DateTime("\x01")), "cannot marshal the control character '\\x01'");
  EXPECT_THROW(dumps({}, {.methodname = "\x01"}), TypeError);
}

// P71.
TEST(Dumps, XR_007_carriage_returns_survive) {
  EXPECT_EQ(inner("a\r\nb"), "<string>a&#13;\nb</string>");
}

TEST(Dumps, XR_008_beyond_the_first_plane) {
  EXPECT_EQ(inner("€𝔘"), "<string>€𝔘</string>");
}

TEST(Dumps, XR_009_base64) {
  EXPECT_EQ(inner(Binary{std::string("\0\xff", 2)}), "<base64>\nAP8=\n</base64>");
  EXPECT_EQ(inner(Binary{"hi!"}), "<base64>\naGkh\n</base64>");
  EXPECT_EQ(inner(Binary{"h"}), "<base64>\naA==\n</base64>");
  std::string bytes(100, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  EXPECT_EQ(
      inner(Binary{bytes}),
      "<base64>\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4\n"
      "OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiYw==\n</base64>");
}

TEST(Dumps, XR_010_no_bytes) {
  EXPECT_EQ(inner(Binary{}), "<base64>\n</base64>");
}

TEST(Dumps, XR_011_XR_012_XR_013_dates) {
  const std::chrono::sys_seconds moment{std::chrono::seconds(1108035683)};
  EXPECT_EQ(inner(DateTime(moment)), "<dateTime.iso8601>20050210T11:41:23</dateTime.iso8601>");
  EXPECT_EQ(inner(DateTime("whatever")), "<dateTime.iso8601>whatever</dateTime.iso8601>");
  EXPECT_EQ(inner(DateTime("a<b")), "<dateTime.iso8601>a&lt;b</dateTime.iso8601>");
}

TEST(Dumps, XR_014_arrays) {
  EXPECT_EQ(inner(Array{1, "a"}),
            "<array><data>\n<value><int>1</int></value>\n<value><string>a</string></value>\n"
            "</data></array>");
  EXPECT_EQ(inner(Array{}), "<array><data>\n</data></array>");
  EXPECT_EQ(inner(to_value(std::tuple(1, 2))), inner(Array{1, 2}));
  EXPECT_EQ(inner(Array{Value(Array{Value(Array{})})}),
            "<array><data>\n<value><array><data>\n<value><array><data>\n</data></array></value>\n"
            "</data></array></value>\n</data></array>");
}

TEST(Dumps, XR_015_structs) {
  EXPECT_EQ(inner(Struct{{"b", 1}, {"a<b", 2}}),
            "<struct>\n<member>\n<name>b</name>\n<value><int>1</int></value>\n</member>\n"
            "<member>\n<name>a&lt;b</name>\n<value><int>2</int></value>\n</member>\n</struct>");
  EXPECT_EQ(inner(Struct{}), "<struct>\n</struct>");
}

// Values own what is in them, so that none can hold itself; one twice is two.
TEST(Dumps, XR_017_the_same_twice) {
  const Value same = Array{1};
  EXPECT_EQ(inner(Array{same, same}),
            "<array><data>\n<value><array><data>\n<value><int>1</int></value>\n"
            "</data></array></value>\n<value><array><data>\n<value><int>1</int></value>\n"
            "</data></array></value>\n</data></array>");
}

TEST(Dumps, XR_018_nil) {
  EXPECT_EQ(refusal(Value()), "cannot marshal nil unless allow_none is enabled");
  EXPECT_EQ(inner(Value(), {.allow_none = true}), "<nil/>");
}

TEST(Dumps, XR_020_decimals_are_an_extension) {
  EXPECT_EQ(refusal(Decimal{"1.5"}), "cannot marshal bigdecimal unless allow_i8 is enabled");
  EXPECT_EQ(inner(Decimal{"1.5"}, {.allow_i8 = true}), "<bigdecimal>1.5</bigdecimal>");
}

TEST(Dumps, XR_021_no_params) {
  EXPECT_EQ(dumps({}), "<params>\n</params>\n");
}

// P72.
TEST(Dumps, XR_022_the_name_of_a_method) {
  EXPECT_EQ(dumps({1}, {.methodname = "m.n"}),
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>m.n</methodName>\n<params>\n<param>\n"
            "<value><int>1</int></value>\n</param>\n</params>\n</methodCall>\n");
  EXPECT_EQ(dumps({}, {.methodname = "a<b&c"}),
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>a&lt;b&amp;c</methodName>\n<params>\n"
            "</params>\n</methodCall>\n");
  EXPECT_NE(dumps({}, {.methodname = "tê"}).find("<methodName>tê</methodName>"), std::string::npos);
}

TEST(Dumps, XR_023_empty_name) {
  EXPECT_EQ(dumps({1}, {.methodname = ""}), dumps({1}));
}

TEST(Dumps, XR_024_responses) {
  EXPECT_EQ(dumps({1}, {.methodresponse = true}),
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"
            "<value><int>1</int></value>\n</param>\n</params>\n</methodResponse>\n");
  EXPECT_THROW(dumps({}, {.methodresponse = true}), std::logic_error);
  EXPECT_THROW(dumps({1, 2}, {.methodresponse = true}), std::logic_error);
}

TEST(Dumps, XR_025_XR_026_faults) {
  const std::string fault =
      "<struct>\n<member>\n<name>faultCode</name>\n<value><int>4</int></value>\n</member>\n"
      "<member>\n<name>faultString</name>\n<value><string>Too &lt;many&gt;</string></value>\n"
      "</member>\n</struct>";
  EXPECT_EQ(dumps(Fault(4, "Too <many>")),
            "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value>" + fault +
                "</value>\n</fault>\n</methodResponse>\n");
  EXPECT_EQ(inner(Fault(4, "Too <many>").to_struct()), fault);
}

TEST(Dumps, XR_027_other_encodings) {
  const auto call = [](std::string_view text, std::string encoding) {
    return dumps({text}, {.methodname = "m", .encoding = std::move(encoding)});
  };
  const auto expected = [](std::string_view text, std::string_view encoding) {
    return "<?xml version='1.0' encoding='" + std::string(encoding) +
           "'?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n<param>\n<value><string>" +
           std::string(text) + "</string></value>\n</param>\n</params>\n</methodCall>\n";
  };
  EXPECT_EQ(call("€é", "iso-8859-1"), expected("&#8364;\xe9", "iso-8859-1"));
  EXPECT_EQ(call("€é𝔘", "us-ascii"), expected("&#8364;&#233;&#120088;", "us-ascii"));
  EXPECT_EQ(call("€é𝔘", "iso-8859-15"), expected("\xa4\xe9&#120088;", "iso-8859-15"));
  EXPECT_EQ(call("€é", "windows-1252"), expected("\x80\xe9", "windows-1252"));
  for (const auto& [name, registered] :
       std::map<std::string, std::string>{{"latin-1", "iso-8859-1"},
                                          {"L1", "iso-8859-1"},
                                          {"ascii", "us-ascii"},
                                          {"mac-roman", "macintosh"}}) {
    const std::string document = call("é", name);
    EXPECT_THAT(document,
                ::testing::StartsWith("<?xml version='1.0' encoding='" + registered + "'?>"));
    EXPECT_EQ(loads(document).params, (Array{"é"})) << name;
  }
  std::string euros;  // more than a buffer holds, references in between
  std::string bytes;
  for (int i = 0; i < 5000; ++i) {
    euros += "€ж";
    bytes += "\xa4&#1078;";
  }
  EXPECT_EQ(call(euros, "ISO-8859-15"), expected(bytes, "ISO-8859-15"));
  EXPECT_THROW(call("x", "klingon"), std::invalid_argument);
  EXPECT_THROW(call("x", "latin1'?><!--"), std::invalid_argument);
  EXPECT_THROW(call("x", "utf-16//IGNORE"), std::invalid_argument);
  EXPECT_THROW(call("x", ""), std::invalid_argument);
}

TEST(Dumps, no_more_than_so_many_bytes) {
  for (const Value& value : {Value("a&b<c>"), Value(Binary{"12345"}), Value(Array{1, 2, 3}),
                             Value(Struct{{"name", "x"}})}) {
    for (const char* encoding : {"utf-8", "us-ascii"}) {
      const std::string text = dumps({value}, {.methodresponse = true, .encoding = encoding});
      const auto within = [&](std::size_t bytes) {
        return dumps({value}, {.methodresponse = true, .encoding = encoding, .max_bytes = bytes});
      };
      EXPECT_EQ(within(text.size()), text);
      EXPECT_THROW(within(text.size() - 1), Error);
      EXPECT_THROW(within(0), Error);
    }
  }
}

TEST(Dumps, XR_028_UTF8_is_not_named) {
  EXPECT_TRUE(dumps({}, {.methodname = "m"}).starts_with("<?xml version='1.0'?>\n"));
  EXPECT_EQ(dumps({"€"}, {.methodname = "m", .encoding = "UTF-8"}),
            dumps({"€"}, {.methodname = "m"}));
}

}  // namespace
}  // namespace socketserver::xmlrpc
