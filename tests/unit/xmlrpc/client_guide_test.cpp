// The examples of docs/xmlrpc-client.md.

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <socketserver/base/error.hpp>
#include <socketserver/xmlrpc/multi_call.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <sstream>
#include <string>
#include <utility>

#include "tests/unit/xmlrpc/client_canned_server.hpp"

namespace socketserver::xmlrpc {
namespace {

using namespace std::chrono_literals;

TEST(ClientGuide, calls) {
  const std::string names = "<array><data><value>pow</value></data></array>";
  CannedServer server({{{number(1679616), number(5), number(0), answer(document({names})),
                         answer(document({"x"}))}}});
  ServerProxy proxy(server.url());
  Value result = proxy("pow", 6, 8);
  int sum = proxy.call<int>("add", 2, 3);
  proxy["whatever.method"]("any", "args");
  for (const std::string& name : proxy.system.listMethods()) {
    std::cout << name << ": " << proxy.system.methodHelp(name) << '\n';
  }
  EXPECT_EQ(result, Value(1679616));
  EXPECT_EQ(sum, 5);
  EXPECT_EQ(server.requests(5).size(), 5u);
}

TEST(ClientGuide, options) {
  const std::string url = "http://localhost:8000";
  ServerProxy proxy(url, {.allow_none = true, .headers = {{"X-Api-Key", "1234"}}, .timeout = 5s});
  EXPECT_EQ(proxy.transport().options().timeout, 5s);
}

TEST(ClientGuide, errors) {
  CannedServer server({{{fault(7, "no such thing")}}});
  ServerProxy proxy(server.url());
  std::ostringstream log;
  try {
    proxy("get", "thing");
  } catch (const Fault& fault) {
    log << "the method says " << fault.code() << ": " << fault.text();
  } catch (const ProtocolError& error) {
    log << "the server says " << error.errcode() << ' ' << error.errmsg();
  } catch (const Error& error) {
    log << "that is no XML-RPC: " << error.what();
  } catch (const OSError& error) {
    log << "nobody there, or too late: " << error.what();
  }
  EXPECT_EQ(log.str(), "the method says 7: no such thing");
}

TEST(ClientGuide, multicall) {
  const std::string results =
      "<array><data><value><array><data><value><int>5</int></value></data></array></value>"
      "<value><array><data><value><int>7</int></value></data></array></value></data></array>";
  CannedServer server({{{answer(document({results}))}}});
  ServerProxy proxy(server.url());
  MultiCall calls(proxy);
  calls("add", 2, 3);
  calls("add", 3, 4);
  const MultiCallIterator sums = calls();
  EXPECT_EQ(sums[0].as<int>(), 5);
  EXPECT_EQ(sums[1].as<int>(), 7);
}

// A transport of one's own.
class TracingTransport : public Transport {
 public:
  using Transport::Transport;

 protected:
  void send_headers(const ClientURL& url, http::Headers& headers) override {
    Transport::send_headers(url, headers);
    headers.add("X-Request-Id", std::to_string(++requests_));
  }

 private:
  int requests_ = 0;
};

TEST(ClientGuide, transport) {
  CannedServer server({{{number(1), number(2)}}});
  ServerProxy proxy(server.url(), std::make_unique<TracingTransport>());
  proxy("f");
  proxy("f");
  EXPECT_NE(server.requests(2)[1].find("\r\nX-Request-Id: 2\r\n"), std::string::npos);
}

}  // namespace
}  // namespace socketserver::xmlrpc
