// What becomes of a script: its answer, its end, its limits.

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/testing/wait.hpp>

#include "cgi_site.hpp"
#include "full_disk.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class CGIAnswers : public ::testing::Test {
 protected:
  Answer get(std::string_view target, const Limits& limits = {}) {
    WebServer server(site.handler(), limits);
    return server.get(target);
  }

  std::string read(std::string_view name) const {
    std::ostringstream text;
    text << std::ifstream(site.path(name)).rdbuf();
    return text.str();
  }

  /// Waits until the process whose number a script has written to this file is no more.
  void expect_gone(std::string_view name) const {
    wait_until("the script has written its number", [&] { return read(name).ends_with('\n'); });
    const pid_t pid = std::stoi(read(name));
    wait_until("the script is gone", [&] { return ::kill(pid, 0) < 0; });
  }

  std::string post(WebServer& server, std::string_view target, const std::string& body) const {
    std::string wire = server.ask("POST " + std::string(target) +
                                  " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n\r\n" + body);
    return take_answer(wire, "POST").body;
  }

  CGISite site;
};

TEST_F(CGIAnswers, HT_170_what_cannot_be_run) {
  site.file("cgi-bin/garbage", "not a script");
  site.file("cgi-bin/badinterp", "#!/nonexistent/interp\n");
  WebServer server(site.handler());
  for (const std::string name : {"cgi-bin/garbage", "cgi-bin/badinterp"}) {
    site.mode(name, 0755);
    const Answer answer = server.get('/' + name);
    EXPECT_EQ(answer.status, 500) << name;
    EXPECT_THAT(answer.body, Not(HasSubstr(site.path())));
    EXPECT_TRUE(server.log().has("run " + site.path(name) + ": ")) << name;
  }
  EXPECT_TRUE(server.is_well());
}

TEST_F(CGIAnswers, HT_183_body) {
  site.text_script("cgi-bin/up.sh", "head -c $CONTENT_LENGTH | tr a-z A-Z\n");
  WebServer server(site.handler());
  std::string wire =
      server.ask("POST /cgi-bin/up.sh HTTP/1.0\r\nContent-Length: 5\r\n\r\nhelloEXTRA");
  EXPECT_EQ(take_answer(wire).body, "HELLO");
  EXPECT_EQ(wire, "");
}

TEST_F(CGIAnswers, body_ends_where_it_ends) {
  site.text_script("cgi-bin/up.sh", "tr a-z A-Z\n");
  WebServer server(site.handler());
  RawClient kept = server.connect();
  for (int i = 0; i < 3; ++i) {
    kept.send("POST /cgi-bin/up.sh HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_EQ(read_answer(kept).body, "HELLO");
  }
}

TEST_F(CGIAnswers, body_in_chunks_has_a_length) {
  site.text_script("cgi-bin/up.sh", "echo $CONTENT_LENGTH\ntr a-z A-Z\n");
  WebServer server(site.handler());
  RawClient client = server.connect();
  client.send(
      "POST /cgi-bin/up.sh HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "11\nHELLO WORLD");
}

TEST_F(CGIAnswers, body_is_streamed) {
  site.text_script("cgi-bin/echo.sh", "head -c 1\nhead -c 1\n");
  WebServer server(site.handler());
  RawClient client = server.connect();
  client.send("POST /cgi-bin/echo.sh HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na");
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_until("1\r\na\r\n"), "1\r\na\r\n");
  client.send("b");
  EXPECT_EQ(client.read_until("1\r\nb\r\n"), "1\r\nb\r\n");
}

TEST_F(CGIAnswers, who_speaks_first_and_listens_later) {
  // More than all pipes and socket buffers on the way hold together.
  const std::string body(std::size_t{24} << 20, 'a');
  site.text_script("cgi-bin/cat.sh", "exec cat\n");
  WebServer server(site.handler());
  const std::string wire =
      server.ask("POST /cgi-bin/cat.sh HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
  EXPECT_TRUE(wire.ends_with("\r\n\r\n" + body)) << wire.size();
}

TEST_F(CGIAnswers, script_that_reads_nothing) {
  site.text_script("cgi-bin/deaf.sh", "exec <&-\necho ok\n");
  WebServer server(site.handler());
  EXPECT_EQ(post(server, "/cgi-bin/deaf.sh", std::string(100'000, 'a')), "ok\n");
}

TEST_F(CGIAnswers, HT_186_enormous_length) {
  site.text_script("cgi-bin/up.sh", "cat\n");
  const std::string request =
      "POST /cgi-bin/up.sh HTTP/1.1\r\nHost: x\r\n"
      "Content-Length: 1152921504606846976\r\n\r\nx";
  {
    WebServer server(site.handler());
    std::string wire = server.ask(request);
    EXPECT_EQ(take_answer(wire).status, 413);
  }
  Limits limits;
  limits.body_bytes = 0;
  WebServer server(site.handler(), limits);
  RawClient client = server.connect();
  client.send(request);
  client.half_close();
  client.read_all();
  EXPECT_TRUE(server.is_well());
}

TEST_F(CGIAnswers, HT_187_exit_status_is_logged) {
  site.text_script("cgi-bin/exit7.sh", "echo ok\nexit 7\n");
  site.script("cgi-bin/kill.sh", "kill -9 $$\n");
  WebServer server(site.handler());
  EXPECT_EQ(server.get("/cgi-bin/exit7.sh").body, "ok\n");
  server.log().wait_for("CGI script exit code 7");
  EXPECT_EQ(server.get("/cgi-bin/kill.sh").status, 500);
  server.log().wait_for("CGI script exit code -9");
}

TEST_F(CGIAnswers, killed_in_the_middle) {
  site.text_script("cgi-bin/kill.sh", "echo half\nkill -9 $$\n");
  WebServer server(site.handler());
  const std::string wire =
      server.ask("GET /cgi-bin/kill.sh HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(wire, Not(HasSubstr("\r\n0\r\n\r\n")));
  EXPECT_THAT(wire, Not(HasSubstr("Content-Length")));
}

TEST_F(CGIAnswers, no_head) {
  site.script("cgi-bin/none.sh", "exit 7\n");
  site.script("cgi-bin/bad.sh", "echo hello world\necho\necho body\n");
  site.script("cgi-bin/half.sh", "echo Content-Type: text/plain\n");
  WebServer server(site.handler());
  for (const std::string_view target :
       {"/cgi-bin/none.sh", "/cgi-bin/bad.sh", "/cgi-bin/half.sh"}) {
    EXPECT_EQ(server.get(target).status, 500) << target;
  }
  server.log().wait_for("CGI script's output begins with a line without colon");
}

TEST_F(CGIAnswers, HT_188_status_of_the_script) {
  site.script("cgi-bin/status.sh", "echo 'Status: 302 Found'\necho 'Location: /x'\necho\n");
  const Answer answer = get("/cgi-bin/status.sh");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 302 Found");
  EXPECT_EQ(answer.headers["Location"], "/x");
  EXPECT_FALSE(answer.headers.contains("Status"));
}

TEST_F(CGIAnswers, redirects_of_clients) {
  site.script("cgi-bin/away.sh", "echo 'Location: http://away/'\necho\n");
  const Answer answer = get("/cgi-bin/away.sh");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 302 Found");
  EXPECT_EQ(answer.headers["Location"], "http://away/");
}

TEST_F(CGIAnswers, local_redirects) {
  site.file("page.html", "the page");
  site.environment_script();
  site.script("cgi-bin/page.sh", "echo 'Location: /page.html'\necho\n");
  site.script("cgi-bin/env-of.sh", "echo 'Location: /cgi-bin/env.sh/info?q=2'\necho\n");
  site.script("cgi-bin/loop.sh", "echo 'Location: /cgi-bin/loop.sh'\necho\n");
  WebServer server(site.handler());
  EXPECT_EQ(server.get("/cgi-bin/page.sh").body, "the page");
  EXPECT_EQ(server.get("/cgi-bin/loop.sh").status, 500);
  const std::string said = post(server, "/cgi-bin/env-of.sh", "body");
  EXPECT_EQ(variable(said, "REQUEST_METHOD"), "GET");
  EXPECT_EQ(variable(said, "CONTENT_LENGTH"), "");
  EXPECT_EQ(variable(said, "QUERY_STRING"), "q=2");
  EXPECT_EQ(variable(said, "PATH_INFO"), "/info");
}

TEST_F(CGIAnswers, status_line_of_nph_scripts) {
  site.script("cgi-bin/nph-x.sh",
              "printf 'HTTP/1.0 404 Gone fishing\\r\\nContent-Type: text/plain\\r\\n\\r\\nbye'\n");
  const Answer answer = get("/cgi-bin/nph-x.sh");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 Gone fishing");
  EXPECT_EQ(answer.body, "bye");
}

TEST_F(CGIAnswers, HT_189_another_user) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  site.text_script("cgi-bin/id.sh",
                   "echo \"UID=$(id -u)\"\necho \"GID=$(id -g)\"\necho \"GROUPS_=$(id -G)\"\n");
  const std::string said = get("/cgi-bin/id.sh").body;
  EXPECT_EQ(variable(said, "UID"), "65534");
  EXPECT_EQ(variable(said, "GID"), "65534");
  EXPECT_EQ(variable(said, "GROUPS_"), "65534");
  EXPECT_EQ(::geteuid(), 0U);
  EXPECT_EQ(variable(WebServer(site.handler({.user = ""})).get("/cgi-bin/id.sh").body, "UID"), "0");
}

TEST_F(CGIAnswers, HT_190_no_body_to_HEAD) {
  site.text_script("cgi-bin/x.sh", "echo hello\n");
  site.text_script("cgi-bin/large.sh", "head -c 100000 /dev/zero\n");
  WebServer server(site.handler());
  RawClient client = server.connect();
  client.send(
      "HEAD /cgi-bin/x.sh HTTP/1.1\r\nHost: x\r\n\r\n"
      "HEAD /cgi-bin/large.sh HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client, "HEAD").status, 200);
  EXPECT_EQ(read_answer(client, "HEAD").status, 200);
  EXPECT_EQ(read_answer(client).status, 404);
}

TEST_F(CGIAnswers, HT_191_standard_error) {
  site.text_script("cgi-bin/stderr.sh", "echo oops >&2\necho ok\n");
  ::testing::internal::CaptureStderr();
  const Answer answer = get("/cgi-bin/stderr.sh");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "oops\n");
  EXPECT_EQ(answer.body, "ok\n");
}

TEST_F(CGIAnswers, nothing_but_three_descriptors) {
  site.text_script("cgi-bin/fds.sh", "ls /proc/self/fd | wc -l\n");
  const int leaked = ::dup(0);  // not close-on-exec
  const Answer answer = get("/cgi-bin/fds.sh");
  ::close(leaked);
  // The three, and the one that ls reads with.
  EXPECT_EQ(std::stoi(answer.body), 4);
}

TEST_F(CGIAnswers, signals_are_as_they_were) {
  site.text_script("cgi-bin/signals.sh", "grep -E 'Sig(Blk|Ign)' /proc/self/status\n");
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  const Answer answer = get("/cgi-bin/signals.sh");
  ::signal(SIGPIPE, before);
  EXPECT_THAT(answer.body, HasSubstr("SigBlk:\t0000000000000000\n"));
  const std::size_t ignored = answer.body.find("SigIgn:\t");
  ASSERT_NE(ignored, std::string::npos);
  constexpr std::uint64_t kOfTheCLibrary = std::uint64_t{3} << 31;  // 32 and 33, which it guards
  EXPECT_EQ(std::stoull(answer.body.substr(ignored + 8), nullptr, 16) & ~kOfTheCLibrary, 0u);
}

TEST_F(CGIAnswers, HT_194_too_long_before_the_head) {
  // The whole group has to go, also who does not listen.
  site.script("cgi-bin/slow.sh",
              "(trap '' TERM; exec sleep 1000) &\necho $! >\"$DOCUMENT_ROOT/pid\"\nsleep 1000\n");
  Limits limits;
  limits.cgi_timeout = 200ms;
  WebServer server(site.handler({.user = ""}), limits);
  EXPECT_EQ(server.get("/cgi-bin/slow.sh").status, 504);
  EXPECT_TRUE(server.log().has("CGI script killed: it took too long"));
  expect_gone("pid");
}

TEST_F(CGIAnswers, too_long_behind_the_head) {
  site.text_script("cgi-bin/slow.sh", "echo begun\nsleep 1000\n");
  Limits limits;
  limits.cgi_timeout = 2s;
  WebServer server(site.handler(), limits);
  const std::string wire = server.ask("GET /cgi-bin/slow.sh HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(wire, HasSubstr("begun"));
  EXPECT_THAT(wire, Not(HasSubstr("\r\n0\r\n\r\n")));
  server.log().wait_for("CGI script killed: it took too long");
}

TEST_F(CGIAnswers, too_long_in_all) {
  site.text_script("cgi-bin/busy.sh", "while sleep 0.01; do echo tick; done\n");
  Limits limits;
  limits.cgi_total_timeout = 2s;
  WebServer server(site.handler(), limits);
  const std::string wire = server.ask("GET /cgi-bin/busy.sh HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(wire, HasSubstr("tick"));
  server.log().wait_for("CGI script killed: it took too long");
}

TEST_F(CGIAnswers, script_that_ignores_being_told_to_end) {
  site.script("cgi-bin/deaf.sh",
              "trap '' TERM\necho $$ >\"$DOCUMENT_ROOT/pid\"\n"
              "while :; do sleep 1000; done\n");
  Limits limits;
  limits.cgi_timeout = 200ms;
  WebServer server(site.handler({.user = ""}), limits);
  EXPECT_EQ(server.get("/cgi-bin/deaf.sh").status, 504);
  expect_gone("pid");
}

TEST_F(CGIAnswers, too_much_output) {
  site.text_script("cgi-bin/yes.sh", "exec yes\n");
  Limits limits;
  limits.cgi_output_bytes = 100'000;
  WebServer server(site.handler(), limits);
  const std::string wire = server.ask("GET /cgi-bin/yes.sh HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_LT(wire.size(), 110'000U);
  server.log().wait_for("CGI script killed: it wrote too much");
}

TEST_F(CGIAnswers, more_and_less_than_announced) {
  site.script("cgi-bin/more.sh",
              "printf 'Content-Type: text/plain\\nContent-Length: 3\\n\\nabcdef'\n");
  site.script("cgi-bin/less.sh",
              "printf 'Content-Type: text/plain\\nContent-Length: 9\\n\\nabcdef'\n");
  WebServer server(site.handler());
  EXPECT_EQ(server.get("/cgi-bin/more.sh").body, "abc");
  server.log().wait_for("CGI script wrote more than its Content-Length");
  EXPECT_THAT(server.ask("GET /cgi-bin/less.sh HTTP/1.1\r\nHost: x\r\n\r\n"),
              ::testing::EndsWith("abcdef"));
  server.log().wait_for("CGI script ended 3 bytes before its Content-Length");
}

TEST_F(CGIAnswers, output_arrives_as_it_comes) {
  site.text_script("cgi-bin/wait.sh",
                   "echo first\nwhile ! test -e \"$DOCUMENT_ROOT/go\"; do sleep 0.01; done\n"
                   "echo second\n");
  WebServer server(site.handler());
  RawClient client = server.connect();
  client.send("GET /cgi-bin/wait.sh HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("first");
  site.file("go");
  client.read_until("second");
  client.read_until("\r\n0\r\n\r\n");
}

TEST_F(CGIAnswers, client_that_goes_away) {
  site.text_script("cgi-bin/wait.sh", "echo $$ >\"$DOCUMENT_ROOT/pid\"\necho first\nsleep 1000\n");
  WebServer server(site.handler({.user = ""}));
  RawClient client = server.connect();
  client.send("GET /cgi-bin/wait.sh HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("first");
  client.reset();
  expect_gone("pid");
  server.log().wait_for("CGI script killed: the client is gone");
}

TEST_F(CGIAnswers, client_that_closes_is_gone_when_the_script_writes) {
  site.text_script("cgi-bin/write.sh",
                   "echo $$ >\"$DOCUMENT_ROOT/pid\"\nwhile :; do echo more; sleep 0.01; done\n");
  WebServer server(site.handler({.user = ""}));
  RawClient client = server.connect();
  client.send("GET /cgi-bin/write.sh HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("more");
  client.close();
  expect_gone("pid");
}

// Only what is sent to it tells a client that has closed from one that has only said all it wanted.
TEST_F(CGIAnswers, client_that_has_said_all_gets_its_answer) {
  site.text_script("cgi-bin/wait.sh",
                   "while ! test -e \"$DOCUMENT_ROOT/go\"; do sleep 0.01; done\necho answer\n");
  WebServer server(site.handler());
  RawClient client = server.connect();
  client.send("GET /cgi-bin/wait.sh HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  client.half_close();
  site.file("go");
  EXPECT_THAT(client.read_all(), HasSubstr("answer\n"));
}

TEST_F(CGIAnswers, too_many_at_once) {
  site.text_script("cgi-bin/wait.sh",
                   "echo first\nwhile ! test -e \"$DOCUMENT_ROOT/go\"; do sleep 0.01; done\n");
  site.text_script("cgi-bin/x.sh", "echo x\n");
  site.script("cgi-bin/redirect.sh", "echo 'Location: /cgi-bin/x.sh'\necho\n");
  WebServer server(site.handler(), {.cgi_processes = 2});
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(server.connect());
    clients.back().send("GET /cgi-bin/wait.sh HTTP/1.0\r\n\r\n");
    clients.back().read_until("first");
  }
  const Answer refused = server.get("/cgi-bin/x.sh");
  EXPECT_EQ(refused.status_line, "HTTP/1.1 503 Too many scripts at once");
  EXPECT_EQ(refused.headers["Retry-After"], "1");
  site.file("go");
  for (RawClient& client : clients) client.read_all();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(server.get("/cgi-bin/redirect.sh").body, "x\n");
  WebServer any(site.handler(), {.cgi_processes = 0});
  EXPECT_EQ(any.get("/cgi-bin/x.sh").body, "x\n");
}

TEST_F(CGIAnswers, body_that_the_disk_cannot_hold) {
  site.text_script("cgi-bin/x.sh", "cat >/dev/null\n");
  WebServer server(site.handler());
  const FileSizeLimit full(1024);
  std::string wire = server.ask(
      "POST /cgi-bin/x.sh HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n13880\r\n" +
      std::string(80'000, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(take_answer(wire, "POST").status, 507);
}

TEST_F(CGIAnswers, what_a_script_leaves_running_holds_nobody_up) {
  site.text_script("cgi-bin/daemon.sh", "sleep 1000 &\necho $! >\"$DOCUMENT_ROOT/pid\"\necho ok\n");
  WebServer server(site.handler({.user = ""}));
  EXPECT_EQ(server.get("/cgi-bin/daemon.sh").body, "ok\n");
  EXPECT_EQ(::kill(std::stoi(read("pid")), SIGKILL), 0);
}

}  // namespace
}  // namespace socketserver::testing
