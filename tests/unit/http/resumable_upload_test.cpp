#include <filesystem>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/server/servers.hpp>
#include <socketserver/testing/wait.hpp>

#include "file_store.hpp"

namespace socketserver::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kPart = ".a.socketserver-part";

class ResumableUpload : public FileStore {
 protected:
  /// Sends the head of a request and a piece of its body, then vanishes; returns when the server
  /// has seen that.
  void break_off(const std::string& head, std::string_view piece) {
    RawClient client = server->connect();
    client.send(head + "\r\n\r\n");
    client.send(piece);
    client.half_close();
    client.read_all();
  }

  std::string offset_of(std::string_view target) const {
    return std::string(ask("HEAD", target, "").headers["Upload-Offset"]);
  }
};

TEST_F(ResumableUpload, put_that_breaks_off_is_continued) {
  break_off("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10", "0123");
  EXPECT_THAT(names(), UnorderedElementsAre(kPart));
  EXPECT_EQ(server->get("/a").status, 404);

  const Answer head = ask("HEAD", "/a", "");
  EXPECT_EQ(head.status, 204);
  EXPECT_EQ(head.headers["Upload-Offset"], "4");
  EXPECT_EQ(head.headers["Upload-Complete"], "?0");
  EXPECT_EQ(head.headers["Cache-Control"], "no-store");

  // As `curl -X PATCH -C 4 -T file` has it.
  const Answer done = ask("PATCH", "/a", "456789", "Content-Range: bytes 4-9/10\r\n");
  EXPECT_EQ(done.status, 201);
  EXPECT_EQ(content("a"), "0123456789");
  EXPECT_EQ(server->get("/a").headers["ETag"], done.headers["ETag"]);
  EXPECT_THAT(names(), UnorderedElementsAre("a"));
  EXPECT_EQ(offset_of("/a"), "");
}

TEST_F(ResumableUpload, broken_chunked_put) {
  break_off("PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked", "4\r\n0123\r\n5\r\n45");
  EXPECT_EQ(offset_of("/a"), "6");
}

TEST_F(ResumableUpload, patches_alone) {
  EXPECT_EQ(ask("PATCH", "/a", "01", "Upload-Offset: 0\r\n").status, 204);
  const Answer second = ask("PATCH", "/a", "234", "Upload-Offset: 2\r\nUpload-Complete: ?0\r\n");
  EXPECT_EQ(second.status, 204);
  EXPECT_EQ(second.headers["Upload-Offset"], "5");
  break_off("PATCH /a HTTP/1.1\r\nHost: x\r\nUpload-Offset: 5\r\nContent-Length: 9", "567");
  EXPECT_EQ(offset_of("/a"), "8");
  EXPECT_EQ(ask("PATCH", "/a", "89", "Upload-Offset: 8\r\nUpload-Complete: ?1\r\n").status, 201);
  EXPECT_EQ(content("a"), "0123456789");
}

TEST_F(ResumableUpload, complete_by_its_length) {
  const std::string length = "Upload-Length: 4\r\n";
  EXPECT_EQ(ask("PATCH", "/a", "01", "Upload-Offset: 0\r\n" + length).status, 204);
  EXPECT_EQ(ask("PATCH", "/a", "234", "Upload-Offset: 2\r\n" + length).status, 400);
  EXPECT_EQ(offset_of("/a"), "2");
  EXPECT_EQ(ask("PATCH", "/a", "23", "Upload-Offset: 2\r\n" + length).status, 201);
  EXPECT_EQ(ask("PATCH", "/empty", "", "Upload-Offset: 0\r\nUpload-Length: 0\r\n").status, 201);
  EXPECT_EQ(content("a"), "0123");
  EXPECT_EQ(content("empty"), "");
}

TEST_F(ResumableUpload, wrong_offset) {
  const Answer nothing = ask("PATCH", "/a", "x", "Upload-Offset: 5\r\n");
  EXPECT_EQ(nothing.status, 409);
  EXPECT_EQ(nothing.headers["Upload-Offset"], "0");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(ask("PATCH", "/a", "0123", "Upload-Offset: 0\r\n").status, 204);
  for (const std::string offset : {"0", "3", "5"}) {
    const Answer refused = ask("PATCH", "/a", "x", "Upload-Offset: " + offset + "\r\n");
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.headers["Upload-Offset"], "4");
  }
  EXPECT_EQ(content(kPart), "0123");
}

TEST_F(ResumableUpload, malformed) {
  EXPECT_EQ(ask("PATCH", "/a", "x").status, 400);
  EXPECT_EQ(ask("PATCH", "/a", "x", "Upload-Offset: x\r\n").status, 400);
  EXPECT_EQ(ask("PATCH", "/a", "xy", "Content-Range: bytes 0-0/2\r\n").status, 400);
  EXPECT_EQ(ask("PATCH", "/a", "x", "Content-Range: bytes 0-1/2\r\n").status, 400);
  EXPECT_EQ(offset_of("/a"), "0");
}

TEST_F(ResumableUpload, limits) {
  serve({.upload_max = 4});
  EXPECT_EQ(ask("PATCH", "/a", "012", "Upload-Offset: 0\r\n").status, 204);
  EXPECT_EQ(ask("PATCH", "/a", "34", "Upload-Offset: 3\r\n").status, 413);
  EXPECT_EQ(ask("PATCH", "/a", "34", "Content-Range: bytes 3-4/5\r\n").status, 413);
  EXPECT_EQ(ask("PATCH", "/a", "3", "Content-Range: bytes 3-3/5\r\n").status, 413);
  EXPECT_EQ(content(kPart), "012");
}

TEST_F(ResumableUpload, in_place_of_a_file) {
  tree.file("a", "old");
  EXPECT_EQ(ask("PATCH", "/a", "x", "Upload-Offset: 0\r\n").status, 409);
  serve({.on_duplicate = OnDuplicate::overwrite});
  EXPECT_EQ(ask("PATCH", "/a", "ne", "Upload-Offset: 0\r\n").status, 204);
  EXPECT_EQ(content("a"), "old");
  const Answer head = ask("HEAD", "/a", "");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers["Content-Length"], "3");
  EXPECT_EQ(head.headers["Upload-Offset"], "2");
  EXPECT_EQ(ask("PATCH", "/a", "w", "Upload-Offset: 2\r\nUpload-Complete: ?1\r\n").status, 204);
  EXPECT_EQ(content("a"), "new");
}

TEST_F(ResumableUpload, one_writer_at_a_time) {
  RawClient first = server->connect();
  first.send("PATCH /a HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Length: 4\r\n\r\n01");
  wait_until("there is half of it", [&] { return offset_of("/a") == "2"; });
  EXPECT_EQ(ask("PATCH", "/a", "xx", "Upload-Offset: 2\r\n").status, 423);
  first.send("23");
  EXPECT_EQ(read_answer(first).status, 204);
  EXPECT_EQ(content(kPart), "0123");
}

TEST_F(ResumableUpload, a_part_that_is_written_to_is_not_replaced) {
  RawClient first = server->connect();
  first.send("PATCH /a HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Length: 4\r\n\r\n01");
  wait_until("there is half of it", [&] { return offset_of("/a") == "2"; });
  break_off("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10", "another");
  first.send("23");
  EXPECT_EQ(read_answer(first).status, 204);
  EXPECT_EQ(content(kPart), "0123");

  break_off("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10", "another");
  EXPECT_EQ(content(kPart), "another");
}

TEST_F(ResumableUpload, what_is_gone_is_not_acknowledged) {
  RawClient client = server->connect();
  client.send("PATCH /a HTTP/1.1\r\nHost: x\r\nUpload-Offset: 0\r\nContent-Length: 4\r\n\r\n01");
  wait_until("there is half of it", [&] { return offset_of("/a") == "2"; });
  std::filesystem::remove(tree.path(kPart));
  client.send("23");
  EXPECT_EQ(read_answer(client).status, 423);
}

TEST_F(ResumableUpload, complete_at_another_length) {
  const std::string complete = "Upload-Offset: 0\r\nUpload-Complete: ?1\r\n";
  EXPECT_EQ(ask("PATCH", "/a", "01", complete + "Upload-Length: 1000\r\n").status, 400);
  EXPECT_EQ(offset_of("/a"), "0");
  EXPECT_EQ(ask("PATCH", "/a", "01", complete + "Upload-Length: 2\r\n").status, 201);
}

TEST_F(ResumableUpload, broken_coding_adds_nothing) {
  EXPECT_EQ(ask("PATCH", "/a", "0123", "Upload-Offset: 0\r\n").status, 204);
  EXPECT_EQ(
      ask("PATCH", "/a", "3\r\n456\r\nZZ", "Upload-Offset: 4\r\nTransfer-Encoding: chunked\r\n")
          .status,
      400);
  EXPECT_EQ(offset_of("/a"), "4");
  EXPECT_EQ(content(kPart), "0123");
}

TEST_F(ResumableUpload, names_as_long_as_there_are) {
  const std::string one = '/' + std::string(255, 'a');
  const std::string other = '/' + std::string(254, 'a') + 'b';
  EXPECT_EQ(ask("PATCH", one, "0123", "Upload-Offset: 0\r\n").status, 204);
  EXPECT_EQ(offset_of(other), "");
  EXPECT_EQ(ask("PATCH", other, "x", "Upload-Offset: 0\r\nUpload-Complete: ?1\r\n").status, 201);
  EXPECT_EQ(ask("PATCH", one, "4", "Upload-Offset: 4\r\nUpload-Complete: ?1\r\n").status, 201);
  EXPECT_THAT(names(), UnorderedElementsAre(one.substr(1), other.substr(1)));
  EXPECT_EQ(content(one.substr(1)), "01234");
}

TEST_F(ResumableUpload, whole_upload_takes_the_place_of_a_part) {
  EXPECT_EQ(ask("PATCH", "/a", "old part", "Upload-Offset: 0\r\n").status, 204);
  EXPECT_EQ(ask("PUT", "/a", "whole").status, 201);
  EXPECT_THAT(names(), UnorderedElementsAre("a"));
}

TEST_F(ResumableUpload, old_parts_are_forgotten) {
  EXPECT_EQ(ask("PATCH", "/a", "0123", "Upload-Offset: 0\r\n").status, 204);
  tree.modified_at(kPart, 1577934245);
  EXPECT_EQ(offset_of("/a"), "");
  EXPECT_EQ(ask("HEAD", "/a", "").status, 404);
  EXPECT_EQ(ask("PATCH", "/a", "45", "Upload-Offset: 4\r\n").status, 409);
  EXPECT_EQ(ask("PATCH", "/b", "x", "Upload-Offset: 0\r\n").status, 204);
  EXPECT_THAT(names(), UnorderedElementsAre(".b.socketserver-part"));
}

TEST_F(ResumableUpload, switched_off) {
  serve({.partial_lifetime = Duration::zero()});
  break_off("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10", "0123");
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(ask("PATCH", "/a", "01", "Upload-Offset: 0\r\n").status, 405);
}

TEST_F(ResumableUpload, on_fibers) {
  const TestServer<FiberTCPServer> fibers(
      handler<FileStoreHTTPRequestHandler>({.files = {.directory = tree.path()}, .sync = true}));
  const std::string body(1'000'000, 'x');
  RawClient client(fibers.address());
  client.send("PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + body);
  EXPECT_EQ(read_answer(client).status, 201);
  EXPECT_EQ(content("a"), body);
}

}  // namespace
}  // namespace socketserver::testing
