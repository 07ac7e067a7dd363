#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>

#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

// What a client gets must not depend on how its bytes were cut into packets.

namespace socketserver::testing {
namespace {

struct Exchange {
  const char* name;
  std::string sent;
  std::vector<int> statuses;  // of the answers that must come, in order
};

/// Serves `sent` in one packet, then cut at every place, then byte by byte.
void expect_same_at_every_cut(BaseServer& server, const Exchange& exchange) {
  SCOPED_TRACE(exchange.name);
  const std::string& sent = exchange.sent;
  const std::string whole = without_dates(serve(server, {sent}));

  std::string wire = whole;
  for (const int status : exchange.statuses) EXPECT_EQ(take_answer(wire).status, status) << whole;
  EXPECT_EQ(wire, "") << whole;

  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    ASSERT_EQ(without_dates(serve(server, {sent.substr(0, cut), sent.substr(cut)})), whole)
        << "cut at " << cut;
  }
  std::vector<std::string> bytes;
  for (const char c : sent) bytes.emplace_back(1, c);
  ASSERT_EQ(without_dates(serve(server, bytes)), whole) << "byte by byte";
}

const std::string kLastGet = "GET /last HTTP/1.1\r\nHost: x\r\n\r\n";

const std::vector<Exchange> kEchoed = {
    {"one request", kLastGet, {200}},
    {"line feeds alone", "GET / HTTP/1.1\nHost: x\n\n" + kLastGet, {200, 200}},
    {"an empty line first", "\r\n" + kLastGet + "\r\n" + kLastGet, {200, 200}},
    {"three requests", kLastGet + kLastGet + kLastGet, {200, 200, 200}},
    {"body with a length",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world" + kLastGet,
     {200, 200}},
    {"body in chunks",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "5;a=b\r\nhello\r\nC\r\n world, you!\r\n0\r\nX: y\r\n\r\n" +
         kLastGet,
     {200, 200}},
    {"body of no chunk",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + kLastGet,
     {200, 200}},
    {"go-ahead asked for",
     "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" +
         kLastGet,
     {100, 200, 200}},
    {"HTTP/1.0 that stays",
     "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kLastGet,
     {200, 200}},
    {"HTTP/1.0", "GET / HTTP/1.0\r\nX: y\r\n\r\n" + kLastGet, {200}},
    {"client that closes",
     "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + kLastGet,
     {200}},
    {"refused request line", "GET / x HTTP/1.1\r\nHost: x\r\n\r\n" + kLastGet, {400}},
    {"refused version", "GET / HTTP/3.0\r\nHost: x\r\n\r\n" + kLastGet, {505}},
    {"refused header", "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n" + kLastGet, {400}},
    {"refused framing",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n" +
         kLastGet,
     {400}},
    {"broken chunk",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n" + kLastGet,
     {400}},
    {"request, then a refused one", kLastGet + "GET / FUBAR\r\n\r\n", {200, 400}},
    {"end within the head", kLastGet + "GET / HTTP/1.1\r\nHos", {200}},
};

TEST(CutPoints, of_requests_that_are_read) {
  Limits limits;
  limits.lingering_timeout = Duration::zero();
  IdleServer server(echo_request, limits);
  for (const Exchange& exchange : kEchoed) expect_same_at_every_cut(server, exchange);
}

TEST(CutPoints, of_bodies_that_nobody_reads) {
  IdleServer server([](BaseHTTPRequestHandler& self) { send_text(self, self.path()); });
  const std::vector<Exchange> exchanges = {
      {"body with a length",
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world" + kLastGet,
       {200, 200}},
      {"body in chunks",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
       "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n" +
           kLastGet,
       {200, 200}},
      {"broken chunk",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n" + kLastGet,
       {200}},
  };
  for (const Exchange& exchange : exchanges) expect_same_at_every_cut(server, exchange);
}

TEST(CutPoints, of_bodies_over_the_limit) {
  Limits limits;
  limits.body_bytes = 5;
  IdleServer server(echo_request, limits);
  const std::vector<Exchange> exchanges = {
      {"announced",
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nhello!" + kLastGet,
       {413}},
      {"in chunks",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n" +
           kLastGet,
       {413}},
      {"announced, go-ahead asked for",
       "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n",
       {413}},
  };
  for (const Exchange& exchange : exchanges) expect_same_at_every_cut(server, exchange);
}

void echo_two_bytes(BaseHTTPRequestHandler& self) {
  send_text(self, self.rfile().read(2));
}

TEST(CutPoints, of_chunks_over_the_limit_that_are_read_in_part) {
  Limits limits;
  limits.body_bytes = 5;
  IdleServer server(echo_two_bytes, limits);
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<Exchange> exchanges = {
      {"the first", head + "6\r\nhello!\r\n0\r\n\r\n" + kLastGet, {413}},
      {"the second", head + "1\r\nh\r\n5\r\nello!\r\n0\r\n\r\n" + kLastGet, {413}},
      {"of any size", head + "7fffffffffffffff\r\nhello!", {413}},
  };
  for (const Exchange& exchange : exchanges) expect_same_at_every_cut(server, exchange);
}

TEST(CutPoints, of_bodies_that_are_read_in_part) {
  Limits limits;
  limits.lingering_bytes = 4;
  IdleServer server(echo_two_bytes, limits);
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::vector<Exchange> exchanges = {
      {"the rest is dropped", head + "Content-Length: 6\r\n\r\nhello!" + kLastGet, {200, 200}},
      {"the rest is too much", head + "Content-Length: 7\r\n\r\nhello!!" + kLastGet, {200}},
      {"the rest is too much, in chunks",
       head + "Transfer-Encoding: chunked\r\n\r\n7\r\nhello!!\r\n0\r\n\r\n" + kLastGet,
       {200}},
  };
  for (const Exchange& exchange : exchanges) expect_same_at_every_cut(server, exchange);
}

TEST(CutPoints, of_requests_for_files) {
  const TemporaryTree tree;
  tree.file("file.txt", "content");
  tree.modified_at("file.txt", 1577934245);
  tree.directory("dir");
  tree.file("dir/file");
  tree.modified_at("dir/file", 0);
  IdleServer server(handler<SimpleHTTPRequestHandler>({.directory = tree.path()}));
  const std::vector<Exchange> exchanges = {
      {"file", "GET /file.txt HTTP/1.1\r\nHost: x\r\n\r\n", {200}},
      {"file, redirect, listing",
       "GET /file.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /dir HTTP/1.1\r\nHost: x\r\n\r\n"
       "GET /dir/ HTTP/1.1\r\nHost: x\r\n\r\n",
       {200, 301, 200}},
      {"not modified",
       "GET /file.txt HTTP/1.1\r\nHost: x\r\n"
       "If-Modified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\n\r\n",
       {304}},
      {"missing", "GET /missing HTTP/1.1\r\nHost: x\r\n\r\n" + kLastGet, {404}},
      {"method", "DELETE /file.txt HTTP/1.1\r\nHost: x\r\n\r\n" + kLastGet, {405}},
  };
  for (const Exchange& exchange : exchanges) expect_same_at_every_cut(server, exchange);
}

TEST(CutPoints, of_http09) {
  IdleServer server(echo_request);
  const std::string expected = "command=GET\npath=/x\nversion=HTTP/0.9\nrequestline=GET /x\n\n";
  const std::string sent = "GET /x\r\nGET /y\r\n";
  for (std::size_t cut = 1; cut < sent.size(); ++cut) {
    EXPECT_EQ(serve(server, {sent.substr(0, cut), sent.substr(cut)}), expected) << cut;
  }
}

}  // namespace
}  // namespace socketserver::testing
