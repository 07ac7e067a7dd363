#include <socketserver/xmlrpc/request_handler.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "rpc_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using xmlrpc::Array;
using xmlrpc::Value;

class XMLRPCRequests : public ::testing::Test {
 protected:
  XMLRPCRequests() {
    server->register_function([](int a, int b) { return a + b; }, "add");
    server->register_function([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); },
                              "big");
    server->register_function([](const std::string& text) { return text; }, "echo");
  }

  static Limits limits() {
    Limits limits;
    limits.xmlrpc_bytes = std::size_t{20} << 20;
    return limits;
  }

  const std::string ok = call_text("add", {1, 2});
  RPCServer<ThreadingXMLRPCServer> server{handler<SimpleXMLRPCRequestHandler>(), {}, limits()};
};

TEST_F(XMLRPCRequests, XR_113_XR_114_paths_that_are_served) {
  for (const std::string_view path : {"/", "/RPC2", "/pydoc.css", "//RPC2"}) {
    EXPECT_EQ(value_of(server.post(ok, "", path).body), Value(3)) << path;
  }
  for (const std::string_view path : {"/x", "/RPC2/", "/RPC2?x=1", "/rpc2"}) {
    const Answer answer = server.post(ok, "", path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.headers["Content-Type"], "text/plain");
    EXPECT_EQ(answer.body, "No such page");
  }
}

TEST_F(XMLRPCRequests, XR_115_without_paths_all_are_served) {
  RPCServer<SimpleXMLRPCServer> all(handler<SimpleXMLRPCRequestHandler>({.rpc_paths = {}}));
  all->register_function([] { return 1; }, "one");
  EXPECT_EQ(value_of(all.post(call_text("one"), "", "/any/thing?at=all").body), Value(1));
}

TEST_F(XMLRPCRequests, XR_116_other_methods) {
  for (const std::string method : {"GET", "HEAD", "PUT", "DELETE"}) {
    EXPECT_EQ(server.ask(method + " /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n", method).status, 501);
  }
}

TEST_F(XMLRPCRequests, XR_117_without_a_length) {
  EXPECT_EQ(server.ask("POST /RPC2 HTTP/1.1\r\nHost: x\r\n\r\n").status, 411);
}

TEST_F(XMLRPCRequests, XR_118_XR_119_lengths_that_are_none) {
  for (const std::string length : {"abc", "", "-1", "+5", "1_0"}) {
    EXPECT_EQ(server.ask("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n")
                  .status,
              400)
        << length;
  }
}

TEST_F(XMLRPCRequests, XR_120_a_length_beyond_the_end) {
  RawClient client = server.connect();
  client.send("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + ok);
  client.half_close();
  EXPECT_EQ(value_of(read_answer(client).body), Value(3));
  EXPECT_TRUE(client.at_eof());
}

TEST_F(XMLRPCRequests, XR_121_a_length_within_the_message) {
  const Answer answer = server.ask("POST /RPC2 HTTP/1.0\r\nContent-Length: 10\r\n\r\n" + ok);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(fault_of_text(answer.body).code(), 1);
}

TEST_F(XMLRPCRequests, XR_122_a_length_above_the_limit_is_refused_before_it_is_read) {
  EXPECT_EQ(server.ask("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: 20971521\r\n\r\n").status,
            413);
}

TEST_F(XMLRPCRequests, chunks_beyond_the_limit_are_refused) {
  Limits limits;
  limits.xmlrpc_bytes = 1000;
  RPCServer<SimpleXMLRPCServer> small(handler<SimpleXMLRPCRequestHandler>(), {}, limits);
  const std::string text = "<methodCall>" + std::string(2000, ' ');
  const Answer answer =
      small.ask("POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7dc\r\n" +
                text + "\r\n0\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
}

TEST_F(XMLRPCRequests, XR_123_any_other_type_is_xml) {
  for (const std::string type : {"text/plain", "application/xml", "x", "text/xml; charset=utf-8"}) {
    EXPECT_EQ(value_of(server.post(ok, "Content-Type: " + type + "\r\n").body), Value(3)) << type;
  }
}

TEST_F(XMLRPCRequests, XR_123_json_is_json_rpc) {
  for (const std::string type :
       {"application/json", "Application/JSON ; charset=utf-8", "application/json-rpc"}) {
    const Answer answer = server.post(R"({"jsonrpc":"2.0","method":"add","params":[1,2],"id":1})",
                                      "Content-Type: " + type + "\r\n");
    EXPECT_EQ(answer.headers["Content-Type"], "application/json");
    EXPECT_EQ(answer.body, R"({"jsonrpc":"2.0","result":3,"id":1})");
  }
  const Answer xml = server.post(ok, "Content-Type: application/json\r\n");
  EXPECT_THAT(xml.body, HasSubstr("-32700"));
}

TEST_F(XMLRPCRequests, notifications_have_no_content) {
  RawClient client = server.connect();
  client.send(server.post_text(R"({"jsonrpc":"2.0","method":"add","params":[1,2]})",
                               "Content-Type: application/json\r\n") +
              server.post_text(ok));
  EXPECT_EQ(read_answer(client).status, 204);
  EXPECT_EQ(value_of(read_answer(client).body), Value(3));
}

TEST_F(XMLRPCRequests, json_rpc_can_be_left_out) {
  RPCServer<SimpleXMLRPCServer> xml_only(handler<SimpleXMLRPCRequestHandler>(),
                                         {.json_rpc = false});
  xml_only->register_function([] { return 1; }, "one");
  EXPECT_EQ(value_of(xml_only.post(call_text("one"), "Content-Type: application/json\r\n").body),
            Value(1));
}

TEST_F(XMLRPCRequests, XR_124_the_head_of_an_answer) {
  const Answer answer = server.post(ok);
  EXPECT_EQ(answer.status_line, "HTTP/1.1 200 OK");
  EXPECT_EQ(answer.headers["Content-type"], "text/xml");
  EXPECT_EQ(answer.headers["Content-length"], std::to_string(answer.body.size()));
  EXPECT_FALSE(answer.headers.contains("Content-Encoding"));
}

TEST_F(XMLRPCRequests, XR_125_requests_are_logged_unless_told_otherwise) {
  (void)server.post(ok);
  server.log().wait_for("\"POST /RPC2 HTTP/1.1\" 200 -");
  RPCServer<SimpleXMLRPCServer> silent(handler<SimpleXMLRPCRequestHandler>(),
                                       {.log_requests = false});
  (void)silent.post(ok);
  EXPECT_FALSE(silent.log().has("POST"));
}

struct Broken : SimpleXMLRPCServer {
  using SimpleXMLRPCServer::SimpleXMLRPCServer;
  std::string _marshaled_dispatch(const xmlrpc::Pieces&, const xmlrpc::DispatchMethod&,
                                  std::string_view) override {
    throw std::runtime_error("broken");
  }
};

TEST_F(XMLRPCRequests, XR_126_internal_errors) {
  RPCServer<Broken> quiet;
  const Answer answer = quiet.post(ok);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "");
  EXPECT_FALSE(answer.headers.contains("X-exception"));
  RPCServer<Broken> telling(handler<SimpleXMLRPCRequestHandler>(), {.send_traceback_header = true});
  const Answer told = telling.post(ok);
  EXPECT_EQ(told.headers["X-exception"], "std::runtime_error: broken");
  EXPECT_TRUE(told.headers.contains("X-traceback"));
}

TEST_F(XMLRPCRequests, XR_127_gzip_is_decoded) {
  const std::string packed = xmlrpc::gzip_encode(ok);
  for (const std::string coding : {"gzip", "GZIP", "GZip"}) {
    EXPECT_EQ(value_of(server.post(packed, "Content-Encoding: " + coding + "\r\n").body), Value(3));
  }
  EXPECT_EQ(value_of(server.post(ok, "Content-Encoding: identity\r\n").body), Value(3));
}

TEST_F(XMLRPCRequests, XR_128_gzip_that_is_none) {
  const std::string packed = xmlrpc::gzip_encode(ok);
  for (const std::string& body :
       {ok, packed.substr(0, packed.size() - 4), std::string(), packed + "x"}) {
    const Answer answer = server.post(body, "Content-Encoding: gzip\r\n");
    EXPECT_EQ(answer.status_line, "HTTP/1.1 400 error decoding gzip content");
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(XMLRPCRequests, XR_129_gzip_bombs_are_refused) {
  RPCServer<SimpleXMLRPCServer> patient(
      handler<SimpleXMLRPCRequestHandler>({.decode_expansion = 0}), {}, limits());
  patient->register_function([](int a, int b) { return a + b; }, "add");
  const std::string header = "Content-Encoding: gzip\r\n";
  std::string text = call_text("add", {1, 2});
  text.resize(std::size_t{20} << 20, ' ');
  EXPECT_EQ(value_of(patient.post(xmlrpc::gzip_encode(text), header).body), Value(3));
  EXPECT_EQ(patient.post(xmlrpc::gzip_encode(text + ' '), header).status, 400);
}

TEST_F(XMLRPCRequests, XR_129_a_body_comes_to_no_more_than_a_multiple_of_its_size) {
  const std::string header = "Content-Encoding: gzip\r\n";
  std::string text = call_text("add", {1, 2});
  text.resize(std::size_t{60} * 1024, ' ');
  EXPECT_EQ(value_of(server.post(xmlrpc::gzip_encode(text), header).body), Value(3));
  text.resize(std::size_t{1} << 20, ' ');
  const std::string bomb = xmlrpc::gzip_encode(text);
  EXPECT_EQ(server.post(bomb, header).status_line, "HTTP/1.1 400 error decoding gzip content");
  EXPECT_EQ(server.post(bomb, header + "Content-Type: application/json\r\n").status, 400);
}

TEST_F(XMLRPCRequests, gzip_is_decoded_however_it_is_cut) {
  const std::string packed = xmlrpc::gzip_encode(call_text("echo", {std::string(3000, 'x')}));
  const std::string request = server.post_text(packed, "Content-Encoding: gzip\r\n");
  for (const std::size_t size : {1U, 7U, 100U}) {
    RawClient client = server.connect();
    client.send_in_pieces(request, size);
    EXPECT_EQ(value_of(read_answer(client).body), Value(std::string(3000, 'x')));
  }
}

TEST_F(XMLRPCRequests, a_result_over_the_limit_is_a_fault_that_says_so) {
  Limits limits;
  limits.xmlrpc_bytes = 10'000;
  RPCServer<SimpleXMLRPCServer> small(handler<SimpleXMLRPCRequestHandler>(), {}, limits);
  small->register_function([](int n) { return std::string(static_cast<std::size_t>(n), '<'); },
                           "big");
  small->register_function([](int n) { return Array(static_cast<std::size_t>(n), Value("")); },
                           "many");
  small->register_function(
      [](int n) -> int { throw xmlrpc::Fault(7, std::string(static_cast<std::size_t>(n), 'x')); },
      "cry");
  EXPECT_EQ(small.call("big", {2000}).as<std::string>().size(), 2000);
  for (const Value& call : {entry("big", {3000}), entry("many", {1000}), entry("cry", {70'000})}) {
    const Answer answer =
        small.post(call_text(call["methodName"].as<std::string>(), call["params"].as<Array>()));
    EXPECT_THAT(fault_of_text(answer.body).text(), HasSubstr("larger than 10000 bytes"));
  }
}

TEST_F(XMLRPCRequests, large_messages_are_read_and_written_on_fibers) {
  RPCServer<FiberXMLRPCServer> fibers;
  fibers->register_function([](const Value& value) { return value; }, "echo");
  const Value large(Array(20'000, Value("some text")));
  EXPECT_TRUE(fibers.call("echo", {large}) == large);
  const Answer answer = fibers.post(
      R"({"jsonrpc":"2.0","id":1,"method":"echo","params":[)" + xmlrpc::dumps_json(large) + "]}",
      "Content-Type: application/json\r\nAccept-Encoding: gzip\r\n");
  const auto text = xmlrpc::gzip_decode(answer.body).data;
  ASSERT_TRUE(text);
  EXPECT_TRUE((*xmlrpc::loads_json(*text).value)["result"] == large);
}

TEST_F(XMLRPCRequests, XR_130_other_codings) {
  for (const std::string coding : {"x-gzip", "deflate", "gzip, gzip", "br"}) {
    const Answer answer = server.post(ok, "Content-Encoding: " + coding + "\r\n");
    EXPECT_EQ(answer.status_line, "HTTP/1.1 501 encoding '" + coding + "' not supported");
  }
}

bool is_packed(const Answer& answer) {
  if (answer.headers["Content-Encoding"] != "gzip") return false;
  EXPECT_EQ(answer.headers["Content-length"], std::to_string(answer.body.size()));
  return xmlrpc::gzip_decode(answer.body).data.has_value();
}

TEST_F(XMLRPCRequests, XR_131_XR_132_long_answers_are_packed_for_who_takes_that) {
  const std::string small = call_text("big", {1000});
  const std::string large = call_text("big", {5000});
  const auto accept = [](const std::string& field) { return "Accept-Encoding: " + field + "\r\n"; };
  EXPECT_FALSE(is_packed(server.post(small, accept("gzip"))));
  EXPECT_FALSE(is_packed(server.post(large)));
  for (const std::string field : {"gzip", "deflate, gzip ; q = 0.5", "GZIP"}) {
    EXPECT_TRUE(is_packed(server.post(large, accept(field)))) << field;
  }
  for (const std::string field : {"gzip;q=0", "*", "deflate", "gzip;q=.."}) {
    EXPECT_FALSE(is_packed(server.post(large, accept(field)))) << field;
  }
}

TEST_F(XMLRPCRequests, XR_131_the_threshold_is_an_option) {
  RPCServer<SimpleXMLRPCServer> never(
      handler<SimpleXMLRPCRequestHandler>({.encode_threshold = std::nullopt}));
  never->register_function([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); },
                           "big");
  RPCServer<SimpleXMLRPCServer> always(
      handler<SimpleXMLRPCRequestHandler>({.encode_threshold = 0}));
  const Answer plain = never.post(call_text("big", {5000}), "Accept-Encoding: gzip\r\n");
  EXPECT_FALSE(is_packed(plain));
  EXPECT_EQ(value_of(plain.body).as<std::string>().size(), 5000);
  EXPECT_TRUE(is_packed(always.post(ok, "Accept-Encoding: gzip\r\n")));
}

TEST_F(XMLRPCRequests, XR_133_calls_follow_one_another_on_a_connection) {
  RawClient client = server.connect();
  client.send(server.post_text(ok) + server.post_text(call_text("add", {3, 4})));
  EXPECT_EQ(value_of(read_answer(client).body), Value(3));
  EXPECT_EQ(value_of(read_answer(client).body), Value(7));
}

TEST_F(XMLRPCRequests, XR_134_expect_continue) {
  RawClient client = server.connect();
  client.send("POST /RPC2 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(ok.size()) + "\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 100);
  client.send(ok);
  EXPECT_EQ(value_of(read_answer(client).body), Value(3));
}

TEST_F(XMLRPCRequests, XR_135_chunked_messages_are_read) {
  RawClient client = server.connect();
  client.send("POST /RPC2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char c : ok) client.send(std::string("1\r\n") + c + "\r\n");
  client.send("0\r\n\r\n" + server.post_text(call_text("add", {3, 4})));
  EXPECT_EQ(value_of(read_answer(client).body), Value(3));
  EXPECT_EQ(value_of(read_answer(client).body), Value(7));
}

TEST_F(XMLRPCRequests, XR_136_16_MiB_both_ways) {
  const std::string text(std::size_t{16} << 20, 'x');
  const Answer answer = server.post(call_text("echo", {text}));
  const xmlrpc::LoadLimits limits{.bytes = std::size_t{20} << 20};
  EXPECT_TRUE(xmlrpc::loads(answer.body, limits).params.at(0) == Value(text));
}

TEST_F(XMLRPCRequests, pages_of_other_origins_are_refused) {
  for (const std::string header :
       {"Origin: http://elsewhere.example\r\n", "Sec-Fetch-Site: cross-site\r\n"}) {
    EXPECT_EQ(server.post(ok, header).status, 403) << header;
  }
  const std::string own = "Origin: http://x\r\nSec-Fetch-Site: same-origin\r\n";
  RPCServer<SimpleXMLRPCServer> named(handler<SimpleXMLRPCRequestHandler>({.hosts = {"x"}}));
  named->register_function([](int a, int b) { return a + b; }, "add");
  EXPECT_EQ(value_of(named.post(ok, own).body), Value(3));
  RPCServer<SimpleXMLRPCServer> open(
      handler<SimpleXMLRPCRequestHandler>({.allow_other_origins = true}));
  EXPECT_EQ(open.post(ok, "Origin: http://elsewhere.example\r\n").status, 200);
}

TEST_F(XMLRPCRequests, pages_do_not_come_by_a_name_of_theirs) {
  // A page of x that has x lead to 127.0.0.1.
  EXPECT_EQ(server.post(ok, "Origin: http://x\r\nSec-Fetch-Site: same-origin\r\n").status, 421);
  EXPECT_EQ(value_of(server.post(ok).body), Value(3)) << "no browser";
}

struct WithAddress : SimpleXMLRPCRequestHandler {
 protected:
  Value _dispatch(SimpleXMLRPCDispatcher& dispatcher, std::string_view method,
                  const Array& params) override {
    if (method == "who") return client_address().host();
    return SimpleXMLRPCRequestHandler::_dispatch(dispatcher, method, params);
  }
};

TEST_F(XMLRPCRequests, XR_098_the_handlers_dispatch_comes_first) {
  RPCServer<SimpleXMLRPCServer> own(handler<WithAddress>());
  own->register_function([] { return 1; }, "who");
  own->register_function([] { return 2; }, "two");
  EXPECT_EQ(own.call("who"), Value("127.0.0.1"));
  EXPECT_EQ(own.call("two"), Value(2));
}

struct Guarded : SimpleXMLRPCRequestHandler {
 protected:
  Value _dispatch(SimpleXMLRPCDispatcher& dispatcher, std::string_view method,
                  const Array& params) override {
    if (method == "secret") throw xmlrpc::Fault(403, "not for you");
    return SimpleXMLRPCRequestHandler::_dispatch(dispatcher, method, params);
  }
};

TEST_F(XMLRPCRequests, what_a_handler_refuses_no_multicall_reaches) {
  RPCServer<SimpleXMLRPCServer> guarded(handler<Guarded>());
  guarded->register_function([] { return 1; }, "secret");
  guarded->register_function([] { return 2; }, "open");
  guarded->register_multicall_functions();
  EXPECT_THROW(guarded.call("secret"), xmlrpc::Fault);
  Array inner;
  inner.emplace_back(Array{entry("secret"), entry("open")});
  const auto multicall = [&](const Array& calls) {
    Array params;
    params.emplace_back(calls);
    return guarded.call("system.multicall", params);
  };
  const Value results = multicall({entry("secret"), entry("open")});
  EXPECT_EQ(results[0]["faultCode"], Value(403));
  EXPECT_EQ(results[1], Value(Array{2}));
  const Value nested = multicall({entry("system.multicall", inner), entry("open")});
  EXPECT_EQ(nested[0][0][0]["faultCode"], Value(403));
  EXPECT_EQ(nested[0][0][1], Value(Array{2}));
}

TEST_F(XMLRPCRequests, a_multicall_is_measured_in_what_answers_it) {
  server->register_function([] { return std::int64_t{1} << 40; }, "huge");
  server->register_multicall_functions();
  const std::string json =
      R"({"jsonrpc":"2.0","id":1,"method":"system.multicall","params":[[{"methodName":"huge","params":[]},
          {"methodName":"system.multicall","params":[[{"methodName":"huge","params":[]}]]}]]})";
  EXPECT_EQ(server.post(json, "Content-Type: application/json\r\n").body,
            R"({"jsonrpc":"2.0","result":[[1099511627776],[[[1099511627776]]]],"id":1})");
  Array params;
  params.emplace_back(Array{entry("huge")});
  EXPECT_EQ(server.call("system.multicall", params)[0]["faultCode"], Value(1));
}

TEST_F(XMLRPCRequests, a_multicall_of_the_programs_own_is_called) {
  server->register_multicall_functions();
  server->register_function([](const Value&) { return "own"; }, "system.multicall");
  EXPECT_EQ(server.call("system.multicall", {1}), Value("own"));
  server->register_function(nullptr, "system.multicall");
  EXPECT_THROW(server.call("system.multicall", {1}), xmlrpc::Fault);
}

TEST_F(XMLRPCRequests, the_client_gets_nothing_but_faults_for_hostile_messages) {
  const std::string many(200, '<');
  for (const std::string& body :
       {std::string("<!DOCTYPE a [<!ENTITY b \"c\">]><methodCall><methodName>&b;</methodName>"
                    "</methodCall>"),
        std::string("<?xml version='1.0' encoding='klingon'?><methodCall/>"), many,
        std::string("\xff\xfe\x00<", 4), std::string("<methodCall><methodName>add</methodName>"),
        std::string("<methodCall><methodName>add</methodName><params><param><value><int>1") +
            std::string(5000, '0') + "</int></value></param></params></methodCall>"}) {
    const Answer answer = server.post(body);
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(fault_of_text(answer.body).code(), 0) << body;
  }
  EXPECT_EQ(server.call("add", {1, 2}), Value(3));
}

TEST_F(XMLRPCRequests, a_request_is_answered_however_it_is_cut) {
  const std::string request = server.post_text(ok);
  for (const std::size_t size : {1U, 7U, 100U}) {
    RawClient client = server.connect();
    client.send_in_pieces(request, size);
    EXPECT_EQ(value_of(read_answer(client).body), Value(3));
  }
}

}  // namespace
}  // namespace socketserver::testing
