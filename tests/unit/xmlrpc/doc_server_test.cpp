#include <socketserver/xmlrpc/doc_server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "rpc_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using xmlrpc::Array;
using xmlrpc::Value;

Answer get(RPCServer<DocXMLRPCServer>& server, std::string_view path,
           const std::string& method = "GET") {
  return server.ask(method + ' ' + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n", method);
}

class Documented : public ::testing::Test {
 protected:
  Documented() {
    server->register_function([](int a, std::optional<double> b) { return a * b.value_or(1); },
                              "scale", {.doc = "Scales; see self.add.", .params = {"a", "factor"}});
    server->register_function([](const Array&) { return 1; }, "any");
    server->register_function(nullptr, "refused");
  }
  std::string page() { return get(server, "/").body; }

  RPCServer<DocXMLRPCServer> server{handler<DocXMLRPCRequestHandler>()};
};

TEST_F(Documented, XR_162_pages) {
  const Answer page = get(server, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers["Content-Type"], "text/html; charset=UTF-8");
  EXPECT_EQ(get(server, "/RPC2").body, page.body);
  const Answer style = get(server, "/pydoc.css");
  EXPECT_EQ(style.headers["Content-Type"], "text/css; charset=UTF-8");
  EXPECT_THAT(style.body, HasSubstr("prefers-color-scheme:dark"));
  const Answer missing = get(server, "/spam");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.headers["Content-Type"], "text/plain");
  EXPECT_EQ(get(server, "/", "HEAD").headers["Content-Length"], std::to_string(page.body.size()));
}

TEST_F(Documented, XR_163_texts_are_escaped) {
  server->set_server_title("T <script>");
  server->set_server_name("N <script>");
  server->set_server_documentation("D <script> & \"more\"");
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("<title>T &lt;script&gt;</title>"));
  EXPECT_THAT(html, HasSubstr("<h1>N &lt;script&gt;</h1>"));
  EXPECT_THAT(html, HasSubstr("D &lt;script&gt; &amp; &quot;more&quot;"));
}

TEST_F(Documented, XR_164_methods_with_their_signatures) {
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("<section id=\"-scale\">"));
  EXPECT_THAT(html, HasSubstr("(<span class=\"type\">int</span> a, <span class=\"type\">double"
                              "</span> factor?) → <span class=\"type\">double</span>"));
  EXPECT_THAT(html, HasSubstr("Scales; see self.<strong>add</strong>."));
  EXPECT_THAT(html, Not(HasSubstr("refused")));
}

struct Described : xmlrpc::Instance {
  std::optional<Value> _dispatch(std::string_view, const Array&) override { return 1; }
  std::vector<std::string> _listMethods() const override { return {"free"}; }
  std::optional<std::string> _get_method_argstring(std::string_view) const override {
    return "(what <ever>)";
  }
};

TEST_F(Documented, XR_165_without_documentation_there_is_only_a_heading) {
  server->register_instance(std::make_shared<Described>());
  const std::string html = page();
  const std::string section = html.substr(html.find("<section id=\"-free\">"));
  EXPECT_THAT(section, HasSubstr("(what &lt;ever&gt;)"));
  EXPECT_THAT(section.substr(0, section.find("</section>")), Not(HasSubstr("class=\"doc\"")));
}

TEST_F(Documented, XR_166_calls_still_work) {
  EXPECT_EQ(server.call("scale", {2, 1.5}), Value(3.0));
}

TEST_F(Documented, XR_167_odd_names_are_escaped) {
  server->register_function([] { return 1; }, "<lambda>\"'");
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("id=\"-&lt;lambda&gt;&quot;&#x27;\""));
  EXPECT_THAT(html, HasSubstr("data-method=\"&lt;lambda&gt;&quot;&#x27;\""));
  EXPECT_THAT(html, Not(HasSubstr("<lambda>")));
}

TEST_F(Documented, nothing_comes_from_elsewhere) {
  std::string html = page();
  html.erase(html.find("<script>"));
  for (const std::string_view text :
       {"http:", "https:", "src=", "<link", "@import", "url(", "style=", " onclick"}) {
    EXPECT_THAT(html, Not(HasSubstr(text)));
  }
}

/// The hash of a text in base64, by other programs than this one.
std::string hash_of(const std::string& text) {
  char name[] = "/tmp/doc_server_test_XXXXXX";
  const int fd = ::mkstemp(name);
  EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(fd);
  const std::string command =
      std::string("sha256sum ") + name + " | cut -c1-64 | xxd -r -p | base64";
  const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
  std::string hash(44, '\0');
  EXPECT_EQ(std::fread(hash.data(), 1, hash.size(), output.get()), hash.size());
  ::unlink(name);
  return "'sha256-" + hash + '\'';
}

std::string between(const std::string& text, std::string_view from, std::string_view to) {
  const std::size_t begin = text.find(from) + from.size();
  return text.substr(begin, text.find(to, begin) - begin);
}

TEST_F(Documented, the_policy_allows_the_pages_own_style_and_script_only) {
  const Answer page = get(server, "/");
  EXPECT_EQ(page.headers["Content-Security-Policy"],
            "default-src 'none'; style-src " + hash_of(between(page.body, "<style>", "</style>")) +
                "; script-src " + hash_of(between(page.body, "<script>", "</script>")) +
                "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
                "'none'");
}

TEST(DocServer, a_server_without_documentation_is_misuse) {
  RPCServer<SimpleXMLRPCServer> server(handler<DocXMLRPCRequestHandler>());
  RawClient client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_all(), "");
  server.log().wait_for("no XMLRPCDocGenerator", LogLevel::error);
}

}  // namespace
}  // namespace socketserver::testing
