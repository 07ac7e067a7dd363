#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/http/simple_handler.hpp>
#include <socketserver/server/servers.hpp>

#include "http/directory_archive.hpp"
#include "no_descriptors.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::http {
namespace {

using namespace std::string_literals;
using ::socketserver::testing::Answer;
using ::socketserver::testing::NoDescriptors;
using ::socketserver::testing::RawClient;
using ::socketserver::testing::read_answer;
using ::socketserver::testing::TemporaryTree;
using ::socketserver::testing::TestServer;
using ::socketserver::testing::Unprivileged;
using ::socketserver::testing::WebServer;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

/// "[path]" for a directory, "<path size>" for a file, then its content; "." at the end.
class PlainWriter final : public ArchiveWriter {
 public:
  void begin_entry(std::string& out, const ArchiveEntry& entry) override {
    if (entry.path.find("impossible") != std::string::npos) {
      throw OSError(std::make_error_code(std::errc::not_enough_memory), "write archive");
    }
    if (entry.is_directory) {
      out += '[' + entry.path + ']';
    } else {
      out += '<' + entry.path + ' ' + std::to_string(entry.size) + '>';
    }
  }
  void write(std::string& out, std::string_view content) override { out += content; }
  void end(std::string& out) override { out += '.'; }
};

ArchiveFormat plain_format() {
  return {
      .name = "plain", .media_type = "application/x-plain", .suffix = ".plain", .make_writer = [] {
        return std::make_unique<PlainWriter>();
      }};
}

class DirectoryArchiveTest : public ::testing::Test {
 protected:
  DirectoryArchive archive_of(bool show_hidden = false) {
    return DirectoryArchive(root, show_hidden, hidden_names, root.open({}).fd, {}, "top",
                            std::make_unique<PlainWriter>());
  }

  std::string pack(bool show_hidden = false) {
    DirectoryArchive archive = archive_of(show_hidden);
    std::string all;
    while (archive.render(all, all.size() + 1)) {
    }
    complaints = archive.take_complaints();
    return all;
  }

  TemporaryTree outside;
  TemporaryTree tree;
  DocumentRoot root{tree.path()};
  std::vector<std::string> hidden_names;
  std::vector<std::string> complaints;
};

TEST_F(DirectoryArchiveTest, empty) {
  EXPECT_EQ(pack(), ".");
}

TEST_F(DirectoryArchiveTest, tree) {
  tree.directory("d");
  tree.directory("d/e");
  tree.file("d/e/f", "content");
  EXPECT_EQ(pack(), "[top/d][top/d/e]<top/d/e/f 7>content.");
  EXPECT_THAT(complaints, IsEmpty());
}

TEST_F(DirectoryArchiveTest, hidden_names) {
  tree.directory(".d");
  tree.file(".d/f", "f");
  EXPECT_EQ(pack(), ".");
  EXPECT_EQ(pack(true), "[top/.d]<top/.d/f 1>f.");
}

TEST_F(DirectoryArchiveTest, names_to_pass_over) {
  hidden_names = {"*.bak", "private"};
  tree.directory("d");
  tree.file("d/f.bak", "f");
  tree.directory("d/private");
  tree.file("d/private/f", "f");
  EXPECT_EQ(pack(), "[top/d].");
}

TEST_F(DirectoryArchiveTest, links) {
  outside.file("secret", "secret");
  tree.directory("d");
  tree.link("d/circle", "..");
  EXPECT_EQ(pack(), "[top/d].");
  EXPECT_THAT(complaints, ElementsAre(HasSubstr("top/d/circle: a link to a directory")));
  tree.link("d/out", outside.path("secret"));
  tree.link("d/nowhere", "missing");
  EXPECT_EQ(pack(), "[top/d].");
  EXPECT_EQ(complaints.size(), 3);
  tree.file("f", "f");
  tree.link("d/in", "../f");
  const std::string packed = pack();
  EXPECT_THAT(packed, HasSubstr("<top/d/in 1>f"));
  EXPECT_THAT(packed, HasSubstr("<top/f 1>f"));
}

TEST_F(DirectoryArchiveTest, what_is_no_file_or_cannot_be_read) {
  tree.fifo("fifo");
  tree.file("locked", "x");
  tree.mode("locked", 0);
  const Unprivileged unprivileged;
  EXPECT_EQ(pack(), ".");
  EXPECT_THAT(complaints, UnorderedElementsAre(HasSubstr("top/fifo: not a file"),
                                               HasSubstr("top/locked: Permission denied")));
}

TEST_F(DirectoryArchiveTest, too_deep) {
  std::string path = "d";
  for (int i = 0; i < 70; ++i, path += "/d") tree.directory(path);
  pack();
  EXPECT_THAT(complaints, ElementsAre(HasSubstr("too deep")));
}

TEST_F(DirectoryArchiveTest, file_that_becomes_shorter) {
  tree.file("f", std::string(200'000, 'x'));
  DirectoryArchive archive = archive_of();
  std::string all;
  EXPECT_TRUE(archive.render(all, 1000));
  ASSERT_EQ(::truncate(tree.path("f").c_str(), 100'000), 0);
  while (archive.render(all, all.size() + 1)) {
  }
  const std::string head = "<top/f 200000>";
  EXPECT_EQ(all.size(), head.size() + 200'000 + 1);
  EXPECT_THAT(all, ::testing::EndsWith("\0\0\0\0."s));
  EXPECT_THAT(archive.take_complaints(), ElementsAre(HasSubstr("became shorter")));
  EXPECT_THAT(archive.take_complaints(), IsEmpty());
}

TEST_F(DirectoryArchiveTest, file_that_grows) {
  tree.file("f", std::string(200'000, 'x'));
  DirectoryArchive archive = archive_of();
  std::string all;
  EXPECT_TRUE(archive.render(all, 1000));
  tree.file("f", std::string(300'000, 'y'));
  while (archive.render(all, all.size() + 1)) {
  }
  EXPECT_EQ(all.size(), std::string("<top/f 200000>").size() + 200'000 + 1);
}

TEST_F(DirectoryArchiveTest, is_made_piece_by_piece) {
  tree.file("f");
  ASSERT_EQ(::truncate(tree.path("f").c_str(), off_t{1} << 26), 0);
  DirectoryArchive archive = archive_of();
  std::uint64_t size = 0;
  std::string block;
  for (bool more = true; more; size += block.size()) {
    block.clear();
    more = archive.render(block, 65536);
    ASSERT_LE(block.size(), 2 * 65536);
  }
  EXPECT_EQ(size, std::string("<top/f 67108864>.").size() + (std::uint64_t{1} << 26));
}

TEST_F(DirectoryArchiveTest, nothing_is_left_out_for_want_of_descriptors) {
  tree.file("f", "f");
  DirectoryArchive archive = archive_of();
  const NoDescriptors none;
  std::string all;
  EXPECT_THROW(archive.render(all, 1000), OSError);
}

class ArchiveAnswer : public ::testing::Test {
 protected:
  static StreamHandler files_of(const TemporaryTree& tree, SimpleHTTPOptions options = {}) {
    options.directory = tree.path();
    options.archives = {plain_format()};
    return handler<SimpleHTTPRequestHandler>(std::move(options));
  }

  TemporaryTree tree;
};

TEST_F(ArchiveAnswer, get_and_head) {
  tree.directory("\xc3\xa4 \"b\"");
  tree.file("\xc3\xa4 \"b\"/f", "f");
  tree.file("\xc3\xa4 \"b\"/index.html", "index");
  const WebServer server(files_of(tree));
  const Answer answer = server.get("/%C3%A4%20%22b%22/?archive=plain");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers["Content-Type"], "application/x-plain");
  EXPECT_EQ(answer.headers["Content-Disposition"],
            "attachment; filename=\"__ _b_.plain\"; filename*=UTF-8''%C3%A4%20%22b%22.plain");
  EXPECT_EQ(answer.headers["X-Content-Type-Options"], "nosniff");
  EXPECT_THAT(answer.body, HasSubstr("<\xc3\xa4 \"b\"/f 1>f"));

  RawClient client = server.connect();
  client.send("HEAD /?archive=plain HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client, "HEAD").headers["Content-Disposition"],
            "attachment; filename=\"files.plain\"");
}

TEST_F(ArchiveAnswer, only_where_there_are_listings) {
  tree.directory("d");
  tree.file("f", "f");
  {
    const WebServer server(files_of(tree));
    EXPECT_EQ(server.get("/d?archive=plain").headers["Location"], "/d/?archive=plain");
    EXPECT_EQ(server.get("/f?archive=plain").body, "f");
    EXPECT_EQ(server.get("/?archive=").status, 200);
    EXPECT_THAT(server.get("/").headers["Content-Type"], HasSubstr("text/html"));
  }
  const WebServer server(files_of(tree, {.list_directories = false}));
  EXPECT_EQ(server.get("/?archive=plain").status, 404);
}

TEST_F(ArchiveAnswer, a_format_that_there_is_not) {
  {
    const WebServer server(files_of(tree));
    const Answer answer = server.get("/?archive=%3Cother");
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, AllOf(HasSubstr("No such archive"), HasSubstr("formats: plain."),
                                   Not(HasSubstr("<other"))));
  }
  tree.directory("d");
  tree.file("d/index.html", "a page");
  const WebServer server(
      handler<SimpleHTTPRequestHandler>(SimpleHTTPOptions{.directory = tree.path()}));
  const Answer answer = server.get("/?archive=plain");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("cannot be had as archives"));
  // A page may have parameters of its own.
  EXPECT_EQ(server.get("/d/?archive=plain").body, "a page");
}

TEST_F(ArchiveAnswer, complaints_are_logged) {
  tree.link("nowhere", "missing");
  WebServer server(files_of(tree));
  EXPECT_EQ(server.get("/?archive=plain").body, ".");
  server.log().wait_for("archive: files/nowhere: No such file or directory");
}

TEST_F(ArchiveAnswer, failure_is_no_whole_archive) {
  tree.file("f", std::string(300'000, 'x'));
  tree.directory("z");
  tree.file("z/impossible");
  const WebServer server(files_of(tree));
  const std::string answer =
      server.ask("GET /?archive=plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, ::testing::Not(::testing::EndsWith("0\r\n\r\n")));
}

TEST_F(ArchiveAnswer, client_that_vanishes_stops_it) {
  tree.file("f");
  ASSERT_EQ(::truncate(tree.path("f").c_str(), off_t{1} << 40), 0);
  WebServer server(files_of(tree));
  {
    RawClient client = server.connect();
    client.send("GET /?archive=plain HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read(1'000'000);
    client.reset();
  }
  server.stop();  // would wait for the whole terabyte
}

TEST_F(ArchiveAnswer, on_fibers) {
  tree.file("f", std::string(3'000'000, 'x'));
  const TestServer<FiberTCPServer> server(files_of(tree));
  RawClient client(server.address());
  client.send("GET /?archive=plain HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "<files/f 3000000>" + std::string(3'000'000, 'x') + '.');
}

}  // namespace
}  // namespace socketserver::http
