// What stands for which value: what Python's xmlrpc.client makes of the same texts, except where
// the number of a pitfall (P73 to P76) says otherwise.

#include <chrono>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>

#include "tests/unit/xmlrpc_codec/outcome.hpp"

namespace socketserver::xmlrpc {
namespace {

Value loaded(std::string_view inner) {
  return loads("<params><param><value>" + std::string(inner) + "</value></param></params>")
      .params[0];
}

TEST(Loads, XR_029_strings) {
  expect_values({{"", "''"},
                 {" ", "' '"},
                 {"bare", "'bare'"},
                 {"  bare  ", "'  bare  '"},
                 {"<string></string>", "''"},
                 {"<string/>", "''"},
                 {"<string> a\n b </string>", "' a\\n b '"},
                 {"<string>\t x</string>", "'\\t x'"}});
  expect_documents({{"<params><param><value/></param></params>", "params ['']"}});
}

TEST(Loads, XR_030_comments_CDATA_and_entities) {
  expect_values({{"a<!-- c -->b", "'ab'"},
                 {"<string>a<![CDATA[<&>]]>b</string>", "'a<&>b'"},
                 {"<string>a<?pi x?>b</string>", "'ab'"},
                 {"<string>&lt;&amp;&gt;&quot;&apos;&#65;&#x20ac;</string>", "'<&>\"\\'A€'"}});
}

TEST(Loads, XR_031_ints) {
  expect_values({{"<int>0</int>", "0"},
                 {"<int>-0</int>", "0"},
                 {"<int>+5</int>", "5"},
                 {"<int> 5 </int>", "5"},
                 {"<int>\n-5\t</int>", "-5"},
                 {"<int>007</int>", "7"}});
}

// P73.
TEST(Loads, XR_032_what_only_python_takes_for_an_int) {
  expect_values({{"<int>1_000</int>", "-32600 bad int value '1_000'"},
                 {"<int>٣</int>", "-32600 bad int value '٣'"},
                 {"<double>1_0.5</double>", "-32600 bad double value '1_0.5'"},
                 {"<i8>\xc2\xa0"
                  "5</i8>",
                  "-32600 bad int value '\xc2\xa0"
                  "5'"}});
}

TEST(Loads, XR_033_no_ints) {
  expect_values({{"<int></int>", "-32600 bad int value ''"},
                 {"<int>1.0</int>", "-32600 bad int value '1.0'"},
                 {"<int>0x10</int>", "-32600 bad int value '0x10'"},
                 {"<int>-</int>", "-32600 bad int value '-'"},
                 {"<int>+-5</int>", "-32600 bad int value '+-5'"},
                 {"<int>--5</int>", "-32600 bad int value '--5'"},
                 {"<int>- 5</int>", "-32600 bad int value '- 5'"},
                 {"<int>1 2</int>", "-32600 bad int value '1 2'"},
                 {"<int>5<!-- --></int>", "5"}});
}

TEST(Loads, XR_034_XR_035_sizes_are_not_checked) {
  expect_values({{"<int>2147483648</int>", "2147483648"},
                 {"<int>-2147483649</int>", "-2147483649"},
                 {"<i4>2147483647</i4>", "2147483647"},
                 {"<i8>-9223372036854775808</i8>", "-9223372036854775808"},
                 {"<i1>300</i1>", "300"},
                 {"<i2>70000</i2>", "70000"}});
  EXPECT_TRUE(loaded("<i8>-9223372036854775808</i8>").is<std::int64_t>());
}

TEST(Loads, XR_036_big_integers) {
  expect_values({{"<biginteger>98765432100123456789</biginteger>", "98765432100123456789"},
                 {"<i8>9223372036854775808</i8>", "9223372036854775808"},
                 {"<i8>-0009223372036854775809</i8>", "-9223372036854775809"},
                 {"<i8>+9223372036854775808</i8>", "9223372036854775808"},
                 {"<biginteger>5</biginteger>", "5"},
                 {"<i8>9223372036854775808x</i8>", "-32600 bad int value '9223372036854775808x'"}});
  EXPECT_EQ(loaded("<i8>9223372036854775808</i8>"), BigInteger{"9223372036854775808"});
  EXPECT_EQ(loaded("<int>" + std::string(4300, '9') + "</int>"),
            BigInteger{std::string(4300, '9')});
  EXPECT_EQ(loaded("<int>" + std::string(5001, '0') + "5</int>"), Value(5));
  EXPECT_THROW(loaded("<biginteger>" + std::string(5001, '9') + "</biginteger>"), ResponseError);
}

TEST(Loads, XR_037_booleans) {
  expect_values({{"<boolean>1</boolean>", "True"},
                 {"<boolean>0</boolean>", "False"},
                 {"<boolean>true</boolean>", "-32600 bad boolean value 'true'"},
                 {"<boolean> 1</boolean>", "-32600 bad boolean value ' 1'"},
                 {"<boolean>2</boolean>", "-32600 bad boolean value '2'"},
                 {"<boolean/>", "-32600 bad boolean value ''"}});
}

TEST(Loads, XR_038_doubles) {
  expect_values({{"<double>1</double>", "1.0"},
                 {"<double>-1.5e3</double>", "-1500.0"},
                 {"<double>+.5E+1</double>", "5.0"},
                 {"<double>5.</double>", "5.0"},
                 {"<double>nan</double>", "nan"},
                 {"<double>inf</double>", "inf"},
                 {"<double>-Infinity</double>", "-inf"},
                 {"<double> 2.5 </double>", "2.5"},
                 {"<double>1e400</double>", "inf"},
                 {"<double>-1e400</double>", "-inf"},
                 {"<double>1e-400</double>", "0.0"},
                 {"<double>-0.0001e-9999999999999999999</double>", "-0.0"},
                 {"<double>0.001e99999999999999999999</double>", "inf"},
                 {"<double>0e400</double>", "0.0"},
                 {"<double>x</double>", "-32600 bad double value 'x'"},
                 {"<double></double>", "-32600 bad double value ''"},
                 {"<double>.</double>", "-32600 bad double value '.'"},
                 {"<double>1e</double>", "-32600 bad double value '1e'"},
                 {"<double>+-1</double>", "-32600 bad double value '+-1'"},
                 {"<double>nan(1)</double>", "-32600 bad double value 'nan(1)'"},
                 {"<double>0x1p3</double>", "-32600 bad double value '0x1p3'"},
                 {"<double>1,5</double>", "-32600 bad double value '1,5'"}});
}

TEST(Loads, XR_039_float_and_bigdecimal) {
  expect_values({{"<float>1.25</float>", "1.25"},
                 {"<bigdecimal>1.10</bigdecimal>", "Decimal('1.10')"},
                 {"<bigdecimal> -1E+400 </bigdecimal>", "Decimal('-1E+400')"},
                 {"<bigdecimal>x</bigdecimal>", "-32600 bad bigdecimal value 'x'"},
                 {"<bigdecimal></bigdecimal>", "-32600 bad bigdecimal value ''"}});
}

TEST(Loads, XR_040_nil_and_prefixes) {
  expect_values({{"<nil/>", "None"},
                 {"<nil></nil>", "None"},
                 {"<ex:nil/>", "None"},
                 {"<ex:i8>5</ex:i8>", "5"},
                 {"<nil>junk</nil>", "None"}});
}

// P74.
TEST(Loads, XR_041_base64) {
  expect_values({{"<base64>AGJ5dGUgc3RyaW5n/w==</base64>", "b'\\x00byte string\\xff'"},
                 {"<base64>\n  AGJ5dGUg\n  c3RyaW5n/w==\n</base64>", "b'\\x00byte string\\xff'"},
                 {"<base64></base64>", "b''"},
                 {"<base64>AGJ5</base64>", "b'\\x00by'"},
                 {"<base64>AGI=</base64>", "b'\\x00b'"},
                 {"<base64>A G = \n = </base64>", "b'\\x00'"},
                 {"<base64>AGJ</base64>", "-32600 bad base64 value 'AGJ'"},
                 {"<base64>A</base64>", "-32600 bad base64 value 'A'"},
                 {"<base64>!!!!</base64>", "-32600 bad base64 value '!!!!'"},
                 {"<base64>AA==AA==</base64>", "-32600 bad base64 value 'AA==AA=='"},
                 {"<base64>A===</base64>", "-32600 bad base64 value 'A==='"},
                 {"<base64>AA=</base64>", "-32600 bad base64 value 'AA='"},
                 {"<base64>AAA==</base64>", "-32600 bad base64 value 'AAA=='"},
                 {"<base64>====</base64>", "-32600 bad base64 value '===='"},
                 {"<base64>AAAA=</base64>", "-32600 bad base64 value 'AAAA='"},
                 {"<base64>AA-_</base64>", "-32600 bad base64 value 'AA-_'"},
                 {"<base64>é</base64>", "-32600 bad base64 value 'é'"}});
}

// P75.
TEST(Loads, XR_042_XR_043_XR_044_dates) {
  const auto time = [](const std::string& text) {
    return "<dateTime.iso8601>" + text + "</dateTime.iso8601>";
  };
  expect_values({{time("20050210T11:41:23"), "<DateTime '20050210T11:41:23'>"},
                 {time(" 20050210T11:41:23 "), "<DateTime '20050210T11:41:23'>"},
                 {time("2005-02-10T11:41:23"), "<DateTime '2005-02-10T11:41:23'>"},
                 {time("20050210T11:41:23Z"), "<DateTime '20050210T11:41:23Z'>"},
                 {time("20050210T11:41:23+0100"), "<DateTime '20050210T11:41:23+0100'>"},
                 {time("20050210T11:41:23.5"), "<DateTime '20050210T11:41:23.5'>"},
                 {time("junk"), "<DateTime 'junk'>"},
                 {time(""), "<DateTime ''>"},
                 {time("20051310T11:41:23"), "<DateTime '20051310T11:41:23'>"}});
  EXPECT_FALSE(loaded(time("20051310T11:41:23")).as<DateTime>().utc_time());
  const Value moment = loaded(time(" 2005-02-10T12:41:23.5+01:00 "));
  EXPECT_EQ(moment.as<std::chrono::sys_seconds>().time_since_epoch().count(), 1108035683);
}

TEST(Loads, XR_045_arrays) {
  expect_values(
      {{"<array><data></data></array>", "[]"},
       {"<array/>", "[]"},
       {"<array></array>", "[]"},
       {"<array><value>1</value></array>", "['1']"},
       {"<array><data><value><int>1</int></value><value>a</value></data></array>", "[1, 'a']"},
       {"<array><data><value><array><data/></array></value></data></array>", "[[]]"},
       {"<array> text <data> text <value>1</value> text </data></array>", "['1']"},
       {"<array><data/><data/></array>", "-32600 more than one data in an array"},
       {"<array><data/><value/></array>", "-32600 tag 'value' in array"},
       {"<array><value/><data/></array>", "-32600 more than one data in an array"},
       {"<array><int>1</int></array>", "-32600 tag 'int' in array"},
       {"<array><data><int>1</int></data></array>", "-32600 tag 'int' in data"}});
}

TEST(Loads, XR_046_structs) {
  const auto member = [](const std::string& name, const std::string& value) {
    return "<member><name>" + name + "</name><value>" + value + "</value></member>";
  };
  const auto structure = [](const std::string& members) {
    return "<struct>" + members + "</struct>";
  };
  expect_values(
      {{"<struct></struct>", "{}"},
       {"<struct/>", "{}"},
       {structure(member("a", "<int>1</int>")), "{'a': 1}"},
       {structure(member("b", "1") + member("a", "2")), "{'b': '1', 'a': '2'}"},
       {structure(member("a", "1") + member("a", "2")), "{'a': '2'}"},
       {structure(member("a", "1") + member("b", "2") + member("a", "3")), "{'a': '3', 'b': '2'}"},
       {structure(member("a", structure(member("a", "x")))), "{'a': {'a': 'x'}}"},
       {structure(member("&lt;€", "")), "{'<€': ''}"}});
}

// P76.
TEST(Loads, XR_047_XR_048_members_in_disorder) {
  expect_values(
      {{"<struct><member><value>1</value><name>a</name></member></struct>",
        "-32600 a member without a name before its value"},
       {"<struct><member><name>a</name></member></struct>",
        "-32600 a member without name or value"},
       {"<struct><member><value>1</value></member></struct>",
        "-32600 a member without a name before its value"},
       {"<struct><member/></struct>", "-32600 a member without name or value"},
       {"<struct><member><name>a</name><name>b</name><value/></member></struct>",
        "-32600 more than one name in a member"},
       {"<struct><member><name>a</name><value/><value/></member></struct>",
        "-32600 more than one value in a member"},
       {"<struct><member><name>a</name><value/><name>b</name></member></struct>",
        "-32600 more than one name in a member"},
       {"<struct><member><name>a</name><int>1</int></member></struct>",
        "-32600 tag 'int' in member"},
       {"<struct><member><name>a<int/></name></member></struct>", "-32600 tag 'int' in name"},
       {"<struct><name>a</name></struct>", "-32600 tag 'name' in struct"}});
}

TEST(Loads, XR_049_names_are_kept) {
  expect_values(
      {{"<struct><member><name></name><value>1</value></member></struct>", "{'': '1'}"},
       {"<struct><member><name/><value>1</value></member></struct>", "{'': '1'}"},
       {"<struct><member><name> a </name><value>1</value></member></struct>", "{' a ': '1'}"}});
}

TEST(Loads, XR_050_unknown_tags) {
  expect_values({{"<spam/>", "-32600 unknown tag 'spam'"},
                 {"<spam>x</spam>", "-32600 unknown tag 'spam'"},
                 {"<INT>1</INT>", "-32600 unknown tag 'INT'"},
                 {"<i3>1</i3>", "-32600 unknown tag 'i3'"},
                 {"<ex:spam/>", "-32600 unknown tag 'ex:spam'"},
                 {"<int><spam/></int>", "-32600 unknown tag 'spam'"},
                 {"<params/>", "-32600 tag 'params' in value"},
                 {"<member/>", "-32600 tag 'member' in value"}});
}

// P76.
TEST(Loads, XR_051_two_in_one) {
  expect_values({{"<int>1</int><int>2</int>", "-32600 more than one value in a value"},
                 {"<string>a<int>1</int>b</string>", "-32600 tag 'int' in string"},
                 {"<value>x</value>", "-32600 tag 'value' in value"},
                 {"<nil/><nil/>", "-32600 more than one value in a value"},
                 {"<array/><struct/>", "-32600 more than one value in a value"}});
}

TEST(Loads, XR_052_text_beside_a_type) {
  expect_values({{"text<int>1</int>", "1"},
                 {"<int>1</int>text", "1"},
                 {"\n<array/>\n", "[]"},
                 {"a<string>b</string>c", "'b'"}});
}

// XR-071: what Python has two flags for, the caller asks for by type.
TEST(Loads, XR_071_types_are_asked_for) {
  const Value time = loaded("<dateTime.iso8601>20050210T11:41:23</dateTime.iso8601>");
  EXPECT_EQ(time.as<DateTime>().text(), "20050210T11:41:23");
  EXPECT_EQ(time.as<std::chrono::local_seconds>().time_since_epoch().count(), 1108035683);
  EXPECT_EQ(loaded("<base64>aGk=</base64>").as<Binary>().data, "hi");
}

TEST(Loads, XR_072_what_was_written_is_read) {
  const Array values{Value(),
                     true,
                     false,
                     0,
                     -5,
                     std::numeric_limits<std::int64_t>::min(),
                     BigInteger{"-98765432100123456789"},
                     Decimal{"1.10"},
                     0.1,
                     -0.0,
                     5e-324,
                     1.7976931348623157e308,
                     std::numeric_limits<double>::infinity(),
                     "",
                     " a\r\n\t<&>\"' ",
                     "€𝔘\x7f",
                     Binary{},
                     Binary{"\r\n"},
                     Binary{std::string(1000, '\xff')},
                     DateTime("20050210T11:41:23"),
                     Array{},
                     Struct{},
                     Array{Array{1}, Struct{{"", Array{Value()}}, {" a<\r", "x"}}}};
  for (const char* encoding :
       {"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"}) {
    for (const bool response : {false, true}) {
      for (const Value& value : values) {
        DumpOptions options{
            .methodresponse = response, .encoding = encoding, .allow_none = true, .allow_i8 = true};
        if (!response) options.methodname = "m";
        const Message message = loads(dumps({value}, options));
        ASSERT_EQ(message.params.size(), 1U);
        EXPECT_EQ(message.params[0], value) << encoding;
        EXPECT_EQ(message.kind, response ? MessageKind::response : MessageKind::call);
      }
    }
  }
}

}  // namespace
}  // namespace socketserver::xmlrpc
