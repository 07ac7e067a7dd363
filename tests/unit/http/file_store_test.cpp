#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/file_store_handler.hpp>
#include <socketserver/server/servers.hpp>

#include "file_store.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

TEST_F(FileStore, put_creates) {
  const Answer made = ask("PUT", "/new.txt", "content");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.headers["Content-Length"], "0");
  EXPECT_EQ(content("new.txt"), "content");
  EXPECT_EQ(server->get("/new.txt").headers["ETag"], made.headers["ETag"]);
  EXPECT_THAT(names(), UnorderedElementsAre("new.txt"));

  EXPECT_EQ(ask("PUT", "/empty", "").status, 201);
  EXPECT_EQ(content("empty"), "");
}

TEST_F(FileStore, put_of_many_blocks) {
  const std::string large(3'000'001, 'x');
  EXPECT_EQ(ask("PUT", "/large", large).status, 201);
  EXPECT_EQ(content("large"), large);
  EXPECT_EQ(ask("PUT", "/chunked", chunked(large), "Transfer-Encoding: chunked\r\n").status, 201);
  EXPECT_EQ(content("chunked"), large);
}

TEST_F(FileStore, put_of_a_taken_name) {
  tree.file("a.txt", "old");
  EXPECT_EQ(ask("PUT", "/a.txt", "new").status, 409);
  EXPECT_EQ(content("a.txt"), "old");

  serve({.on_duplicate = OnDuplicate::overwrite});
  const Answer replaced = ask("PUT", "/a.txt", "new");
  EXPECT_EQ(replaced.status, 204);
  EXPECT_EQ(content("a.txt"), "new");
  EXPECT_EQ(server->get("/a.txt").headers["ETag"], replaced.headers["ETag"]);

  serve({.on_duplicate = OnDuplicate::rename});
  tree.directory("a dir");
  for (const auto& [target, location] :
       {std::pair("/a.txt", "/a%20%281%29.txt"), std::pair("/a.txt", "/a%20%282%29.txt")}) {
    const Answer renamed = ask("PUT", target, "another");
    EXPECT_EQ(renamed.status, 201);
    EXPECT_EQ(renamed.headers["Location"], location);
    EXPECT_EQ(server->get(location).body, "another");
  }
  EXPECT_EQ(ask("PUT", "/a%20dir/x", "1").status, 201);
  EXPECT_EQ(ask("PUT", "/a%20dir/x", "2").headers["Location"], "/a%20dir/x%20%281%29");
  EXPECT_EQ(content("a.txt"), "new");
  EXPECT_THAT(names(), UnorderedElementsAre("a.txt", "a (1).txt", "a (2).txt", "a dir"));
}

TEST_F(FileStore, put_over_what_is_no_file) {
  serve({.on_duplicate = OnDuplicate::overwrite});
  tree.directory("dir");
  tree.fifo("fifo");
  EXPECT_EQ(ask("PUT", "/dir", "x").status, 409);
  EXPECT_EQ(ask("PUT", "/dir/", "x").status, 409);
  EXPECT_EQ(ask("PUT", "/fifo", "x").status, 409);
  EXPECT_EQ(ask("PUT", "/", "x").status, 403);
  EXPECT_THAT(names(), UnorderedElementsAre("dir", "fifo"));
}

TEST_F(FileStore, put_replaces_a_link_itself) {
  serve({.on_duplicate = OnDuplicate::overwrite});
  outside.file("secret", "secret");
  tree.link("out", outside.path("secret"));
  tree.file("target", "target");
  tree.link("in", "target");
  tree.link("nowhere", outside.path("missing"));
  for (const std::string name : {"out", "in", "nowhere"}) {
    EXPECT_EQ(ask("PUT", "/" + name, "new").status, 204) << name;
    EXPECT_FALSE(std::filesystem::is_symlink(tree.path(name)));
    EXPECT_EQ(content(name), "new");
  }
  EXPECT_EQ(read_file(outside.path("secret")), "secret");
  EXPECT_FALSE(std::filesystem::exists(outside.path("missing")));
  EXPECT_EQ(content("target"), "target");
}

TEST_F(FileStore, put_that_does_not_say_how_long_it_is) {
  EXPECT_THAT(server->ask("PUT /a HTTP/1.0\r\n\r\ncontent"), HasSubstr(" 411 "));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(server->ask("PUT /a HTTP/1.0\r\nContent-Length: 0\r\n\r\n"), HasSubstr(" 201 "));
}

TEST_F(FileStore, nothing_is_sent_in_place_of_what_may_not_be_replaced) {
  tree.file("a.js", "old");
  EXPECT_EQ(ask("PUT", "/a.js.gz", "another").status, 201);
  const std::string get = "GET /a.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";
  const auto sent = [&] {
    RawClient client = server->connect();
    client.send(get);
    return read_answer(client).body;
  };
  EXPECT_EQ(sent(), "old");
  serve({.on_duplicate = OnDuplicate::rename});
  EXPECT_EQ(sent(), "old");
  serve({.on_duplicate = OnDuplicate::overwrite});
  EXPECT_EQ(sent(), "another");
  serve({.upload = false});
  EXPECT_EQ(sent(), "another");
}

/// Sees with each answer whether the directory is locked.
class LockWatcher : public FileStoreHTTPRequestHandler {
 public:
  using FileStoreHTTPRequestHandler::FileStoreHTTPRequestHandler;

  void end_headers() override {
    const UniqueFd directory(::open(store_options().files.directory.c_str(), O_RDONLY));
    if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) send_header("Locked", "yes");
    FileStoreHTTPRequestHandler::end_headers();
  }
};

TEST_F(FileStore, answers_are_sent_with_nothing_locked) {
  serve_with<LockWatcher>({.remove = true, .on_duplicate = OnDuplicate::overwrite});
  tree.file("a", "content");
  tree.directory("d");
  tree.file("d/x");
  const auto expect = [&](int status, std::string_view method, std::string_view target,
                          std::string_view fields = {}) {
    const Answer answer = ask(method, target, "", fields);
    EXPECT_EQ(answer.status, status) << method << ' ' << target;
    EXPECT_FALSE(answer.headers.contains("Locked")) << method << ' ' << target;
  };
  expect(412, "DELETE", "/a", "If-Match: \"no\"\r\n");
  expect(412, "PUT", "/a", "If-Match: \"no\"\r\n");
  expect(409, "DELETE", "/d/");
  expect(404, "DELETE", "/b");
  expect(204, "PUT", "/a");
  expect(204, "DELETE", "/a");
  expect(204, "PATCH", "/b", "Upload-Offset: 0\r\n");
}

TEST_F(FileStore, a_directory_that_others_have_locked_holds_up_nobody_else) {
  tree.file("a", "content");
  const TestServer<FiberTCPServer> fibers(
      handler<FileStoreHTTPRequestHandler>({.files = {.directory = tree.path()}, .remove = true}));
  const UniqueFd directory(::open(tree.path().c_str(), O_RDONLY));
  ASSERT_EQ(::flock(directory.get(), LOCK_EX), 0);
  RawClient changes(fibers.address());
  changes.send("DELETE /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawClient reads(fibers.address());
  reads.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(read_answer(reads).body, "content");
  ASSERT_EQ(::flock(directory.get(), LOCK_UN), 0);
  EXPECT_EQ(read_answer(changes).status, 204);
}

TEST_F(FileStore, conditions) {
  serve({.remove = true, .on_duplicate = OnDuplicate::overwrite});
  EXPECT_EQ(ask("PUT", "/a", "1", "If-Match: *\r\n").status, 412);
  EXPECT_EQ(ask("PUT", "/a", "1", "If-None-Match: *\r\n").status, 201);
  EXPECT_EQ(ask("PUT", "/a", "2", "If-None-Match: *\r\n").status, 412);
  const std::string tag(server->get("/a").headers["ETag"]);
  EXPECT_EQ(ask("PUT", "/a", "22", "If-Match: " + tag + "\r\n").status, 204);
  EXPECT_EQ(ask("PUT", "/a", "3", "If-Match: " + tag + "\r\n").status, 412);
  EXPECT_EQ(ask("PUT", "/a", "3", "If-Unmodified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\n").status,
            412);
  EXPECT_EQ(ask("DELETE", "/a", "", "If-Match: " + tag + "\r\n").status, 412);
  EXPECT_EQ(content("a"), "22");
  EXPECT_THAT(names(), UnorderedElementsAre("a"));
}

TEST_F(FileStore, a_condition_holds_at_the_moment_of_the_change) {
  serve({.on_duplicate = OnDuplicate::overwrite});
  RawClient slow = server->connect();
  slow.send(
      "PUT /a HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\nContent-Length: 4\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(read_answer(slow).status, 100);
  EXPECT_EQ(ask("PUT", "/a", "fast").status, 201);
  slow.send("slow");
  EXPECT_EQ(read_answer(slow).status, 412);
  EXPECT_EQ(content("a"), "fast");
}

TEST_F(FileStore, refused_before_the_body_is_asked_for) {
  serve({.upload_max = 10});
  tree.file("taken");
  const std::string expect = "Expect: 100-continue\r\n";
  const auto asked = [&](std::string_view target, std::string_view fields) {
    RawClient client = server->connect();
    client.send("PUT " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + expect +
                std::string(fields) + "\r\n");
    return read_answer(client).status;
  };
  EXPECT_EQ(asked("/taken", "Content-Length: 5\r\n"), 409);
  EXPECT_EQ(asked("/a", "Content-Length: 11\r\n"), 413);
  EXPECT_EQ(asked("/a", "Content-Length: 5\r\nIf-Match: *\r\n"), 412);
  EXPECT_EQ(asked("/missing/a", "Content-Length: 5\r\n"), 409);
  EXPECT_EQ(asked("/.hidden", "Content-Length: 5\r\n"), 403);
  EXPECT_EQ(asked("/a", "Content-Length: 5\r\n"), 100);
}

TEST_F(FileStore, too_large) {
  serve({.upload_max = 10});
  EXPECT_EQ(ask("PUT", "/a", "0123456789").status, 201);
  EXPECT_EQ(ask("PUT", "/b", "0123456789+").status, 413);
  EXPECT_EQ(ask("PUT", "/b", chunked("0123456789+"), "Transfer-Encoding: chunked\r\n").status, 413);
  // Announced, and never sent.
  RawClient client = server->connect();
  client.send("PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 413);
  EXPECT_THAT(names(), UnorderedElementsAre("a"));
}

TEST_F(FileStore, more_than_the_disk_has) {
  Limits limits;
  limits.body_bytes = 0;
  serve({}, limits);
  RawClient client = server->connect();
  client.send("PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000000000\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 507);
}

TEST_F(FileStore, part_of_a_file_cannot_be_put) {
  EXPECT_EQ(ask("PUT", "/a", "123", "Content-Range: bytes 0-2/3\r\n").status, 400);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileStore, missing_parents) {
  EXPECT_EQ(ask("PUT", "/x/y/z", "1").status, 409);
  serve({.make_directories = true});
  EXPECT_EQ(ask("PUT", "/x/y/z", "1").status, 201);
  EXPECT_EQ(content("x/y/z"), "1");
  EXPECT_EQ(ask("PUT", "/x/y/z/file", "1").status, 409);
  EXPECT_EQ(ask("PUT", "/x/.y/z", "1").status, 403);
  EXPECT_EQ(ask("PUT", "/new/bad%01/z", "1").status, 400);
  EXPECT_THAT(names(), UnorderedElementsAre("x"));
}

TEST_F(FileStore, names_that_are_refused) {
  serve({.make_directories = true, .remove = true, .on_duplicate = OnDuplicate::overwrite});
  tree.directory(".git");
  tree.file(".git/config", "config");
  tree.file(".a.socketserver-part", "part");
  const std::string long_name(256, 'a');
  for (const auto& [target, status] :
       std::vector<std::pair<std::string, int>>{{"/.hidden", 403},
                                                {"/.git/config", 403},
                                                {"/%2egit/config", 403},
                                                {"/.a.socketserver-part", 403},
                                                {"/a%00b", 400},
                                                {"/a%0ab", 400},
                                                {"/a%7fb", 400},
                                                {"/" + long_name, 400}}) {
    EXPECT_EQ(ask("PUT", target, "x").status, status) << target;
    EXPECT_EQ(ask("MKCOL", target, "").status, status) << target;
  }
  EXPECT_EQ(ask("DELETE", "/.git/config", "").status, 403);
  EXPECT_EQ(ask("DELETE", "/.git", "", "Depth: infinity\r\n").status, 403);
  EXPECT_EQ(ask("PUT", "/.well-known/a", "x").status, 201);
  serve({.files = {.show_hidden = true}, .remove = true});
  EXPECT_EQ(ask("PUT", "/.hidden", "x").status, 201);
  EXPECT_EQ(ask("DELETE", "/.hidden", "").status, 204);
  EXPECT_EQ(ask("DELETE", "/.a.socketserver-part", "").status, 403);
}

TEST_F(FileStore, nothing_leaves_the_directory) {
  serve({.make_directories = true, .remove = true, .on_duplicate = OnDuplicate::overwrite});
  const std::string name = std::filesystem::path(outside.path()).filename().string();
  outside.file("file", "untouched");
  outside.directory("dir");
  tree.directory("dir");
  tree.link("dir/out", outside.path());
  tree.link("out", outside.path());
  for (const std::string climb :
       {"/../", "/../../../../", "/%2e%2e/", "/..%2f", "/%2e%2e%2f", "/.%2e/", "/dir/../../",
        "/dir/..%2f..%2f", "/..//..//", "//../", "http://x/../", "/out/", "/out%2f", "/dir/out/",
        "/out/../out/", "/dir//out/"}) {
    SCOPED_TRACE(climb);
    const bool link = climb.find("out") != std::string::npos;
    const std::string beyond = climb + (link ? "" : name + "/");
    ask("PUT", beyond + "file", "evil");
    ask("PUT", beyond + "new", "evil");
    ask("PATCH", beyond + "new", "evil", "Upload-Offset: 0\r\n");
    ask("MKCOL", beyond + "made", "");
    ask("DELETE", beyond + "file", "");
    ask("DELETE", beyond + "dir", "", "Depth: infinity\r\n");
    EXPECT_THAT(names_in(outside.path()), UnorderedElementsAre("file", "dir"));
    EXPECT_EQ(read_file(outside.path("file")), "untouched");
  }
}

TEST_F(FileStore, links_are_not_followed_out_although_they_are_served) {
  serve({.files = {.symlinks = http::Symlinks::all}, .remove = true});
  outside.file("file", "untouched");
  tree.link("out", outside.path());
  EXPECT_EQ(server->get("/out/file").status, 200);
  EXPECT_EQ(ask("PUT", "/out/new", "x").status, 403);
  EXPECT_EQ(ask("DELETE", "/out/file", "").status, 403);
  EXPECT_EQ(ask("DELETE", "/out", "").status, 204);
  EXPECT_THAT(names_in(outside.path()), UnorderedElementsAre("file"));
}

TEST_F(FileStore, links_that_change_all_the_time) {
  serve({.on_duplicate = OnDuplicate::overwrite});
  outside.file("file", "untouched");
  tree.directory("real");
  std::atomic<bool> done = false;
  std::thread attacker([&] {
    while (!done) {
      std::filesystem::create_symlink(outside.path(), tree.path("swap"));
      std::filesystem::remove(tree.path("swap"));
      std::filesystem::rename(tree.path("real"), tree.path("swap"));
      std::filesystem::rename(tree.path("swap"), tree.path("real"));
    }
  });
  for (int i = 0; i < 300; ++i) ask("PUT", "/swap/file", "evil");
  done = true;
  attacker.join();
  EXPECT_EQ(read_file(outside.path("file")), "untouched");
  EXPECT_THAT(names_in(outside.path()), UnorderedElementsAre("file"));
}

TEST_F(FileStore, clients_that_vanish_leave_nothing) {
  serve({.on_duplicate = OnDuplicate::overwrite, .partial_lifetime = Duration::zero()});
  tree.file("old", "old");
  const std::string request = "PUT /old HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n1234567";
  for (std::size_t cut = 1; cut <= request.size(); cut += 3) {
    RawClient client = server->connect();
    client.send(std::string_view(request).substr(0, cut));
    cut % 2 == 0 ? client.close() : client.reset();
  }
  server->stop();
  EXPECT_EQ(content("old"), "old");
  EXPECT_THAT(names(), UnorderedElementsAre("old"));
}

TEST_F(FileStore, broken_coding_leaves_nothing) {
  RawClient client = server->connect();
  client.send(
      "PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nXX\r\n");
  EXPECT_EQ(read_answer(client).status, 400);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileStore, uploads_of_one_name_at_once) {
  for (const OnDuplicate policy :
       {OnDuplicate::error, OnDuplicate::overwrite, OnDuplicate::rename}) {
    serve({.make_directories = true, .on_duplicate = policy});
    const std::string directory = "/d" + std::to_string(static_cast<int>(policy));
    EXPECT_EQ(ask("MKCOL", directory, "").status, 201);
    constexpr int kClients = 8;
    std::vector<int> statuses(kClients);
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([&, i] {
        const std::string body(200'000, static_cast<char>('a' + i));
        statuses[static_cast<std::size_t>(i)] = ask("PUT", directory + "/f", body).status;
      });
    }
    for (std::thread& client : clients) client.join();
    const auto created = std::count(statuses.begin(), statuses.end(), 201);
    EXPECT_EQ(created, policy == OnDuplicate::rename ? kClients : 1);
    EXPECT_EQ(names_in(tree.path() + directory).size(), created);
    const std::string whole = content(directory.substr(1) + "/f");
    EXPECT_EQ(whole, std::string(200'000, whole.front()));
  }
}

TEST_F(FileStore, mode_of_new_files) {
  const mode_t before = ::umask(027);
  serve({.on_duplicate = OnDuplicate::overwrite});
  EXPECT_EQ(ask("PUT", "/usual", "x").status, 201);
  serve({.file_mode = 0604});
  EXPECT_EQ(ask("PUT", "/given", "x").status, 201);
  ::umask(before);
  EXPECT_EQ(mode_of("usual"), 0640);
  EXPECT_EQ(mode_of("given"), 0604);
}

TEST_F(FileStore, on_the_disk) {
  serve({.on_duplicate = OnDuplicate::overwrite, .sync = true});
  EXPECT_EQ(ask("PUT", "/a", "1").status, 201);
  EXPECT_EQ(ask("PUT", "/a", "2").status, 204);
  EXPECT_EQ(content("a"), "2");
}

TEST_F(FileStore, mkcol) {
  EXPECT_EQ(ask("MKCOL", "/dir", "").status, 405);
  serve({.make_directories = true});
  tree.file("file");
  EXPECT_EQ(ask("MKCOL", "/dir", "").status, 201);
  EXPECT_EQ(ask("MKCOL", "/dir/below/", "").status, 201);
  EXPECT_TRUE(std::filesystem::is_directory(tree.path("dir/below")));
  EXPECT_EQ(ask("MKCOL", "/dir", "").status, 405);
  EXPECT_EQ(ask("MKCOL", "/file", "").status, 405);
  EXPECT_EQ(ask("MKCOL", "/file/below", "").status, 409);
  EXPECT_EQ(ask("MKCOL", "/missing/below", "").status, 409);
  EXPECT_EQ(ask("MKCOL", "/with-body", "<xml/>").status, 415);
  EXPECT_EQ(ask("MKCOL", "/", "").status, 403);
}

TEST_F(FileStore, remove) {
  tree.file("file");
  EXPECT_EQ(ask("DELETE", "/file", "").status, 405);
  serve({.remove = true});
  tree.directory("empty");
  tree.directory("full");
  tree.file("full/.hidden");
  tree.fifo("fifo");
  EXPECT_EQ(ask("DELETE", "/missing", "").status, 404);
  EXPECT_EQ(ask("DELETE", "/file/", "").status, 404);
  EXPECT_EQ(ask("DELETE", "/file", "").status, 204);
  EXPECT_EQ(ask("DELETE", "/fifo", "").status, 204);
  EXPECT_EQ(ask("DELETE", "/empty/", "").status, 204);
  EXPECT_EQ(ask("DELETE", "/full/", "").status, 409);
  EXPECT_EQ(ask("DELETE", "/", "", "Depth: infinity\r\n").status, 403);
  EXPECT_THAT(names(), UnorderedElementsAre("full"));
}

TEST_F(FileStore, remove_a_tree) {
  serve({.files = {.show_hidden = true}, .remove = true, .remove_limit = 6});
  outside.file("file");
  tree.directory("tree");
  tree.directory("tree/a");
  tree.directory("tree/a/b");
  tree.file("tree/a/b/file");
  tree.file("tree/.hidden");
  tree.link("tree/out", outside.path());
  tree.file("tree/one too many");
  EXPECT_EQ(ask("DELETE", "/tree", "", "Depth: infinity\r\n").status, 409);
  EXPECT_THAT(names_in(tree.path("tree")),
              UnorderedElementsAre("a", ".hidden", "out", "one too many"));
  EXPECT_EQ(ask("DELETE", "/tree/one%20too%20many", "").status, 204);
  EXPECT_EQ(ask("DELETE", "/tree", "", "Depth: infinity\r\n").status, 204);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(names_in(outside.path()), UnorderedElementsAre("file"));
}

TEST_F(FileStore, hidden_names_do_not_go_with_their_directory) {
  serve({.files = {.hidden_names = {"*.key"}}, .remove = true});
  for (const std::string name : {".git", ".well-known", "my.key"}) {
    const std::string hidden = "tree/below/" + name;
    tree.directory("tree");
    tree.directory("tree/below");
    tree.file("tree/file");
    tree.file(hidden);
    EXPECT_EQ(ask("DELETE", '/' + hidden, "").status, 403);
    EXPECT_EQ(ask("DELETE", "/tree", "", "Depth: infinity\r\n").status, 403);
    EXPECT_THAT(names_in(tree.path("tree")), UnorderedElementsAre("below", "file"));
    EXPECT_THAT(names_in(tree.path("tree/below")), UnorderedElementsAre(name));
    std::filesystem::remove_all(tree.path("tree"));
  }
  // What an upload that broke off has left is the server's own, and nobody else could remove it.
  tree.directory("tree");
  tree.file("tree/.a.socketserver-part");
  EXPECT_EQ(ask("DELETE", "/tree", "", "Depth: infinity\r\n").status, 204);
}

TEST_F(FileStore, remove_a_link_with_its_content) {
  serve({.remove = true});
  outside.file("file");
  tree.link("out", outside.path());
  EXPECT_EQ(ask("DELETE", "/out", "", "Depth: infinity\r\n").status, 204);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(names_in(outside.path()), UnorderedElementsAre("file"));
}

TEST_F(FileStore, only_below_one_directory) {
  tree.directory("in");
  tree.file("in/file");
  tree.file("file");
  serve({.make_directories = true, .remove = true, .writable = "in"});
  EXPECT_EQ(ask("PUT", "/x", "x").status, 403);
  EXPECT_EQ(ask("PUT", "/inn", "x").status, 403);
  EXPECT_EQ(ask("DELETE", "/in", "", "Depth: infinity\r\n").status, 403);
  EXPECT_EQ(ask("DELETE", "/file", "").status, 403);
  EXPECT_EQ(ask("PUT", "/in/../x", "x").status, 403);
  tree.directory("other");
  tree.file("other/file");
  tree.link("in/out", "../other");
  EXPECT_EQ(ask("PUT", "/in/out/x", "x").status, 403);
  EXPECT_EQ(ask("PUT", "/in/out/deep/x", "x").status, 403);
  EXPECT_EQ(ask("DELETE", "/in/out/file", "").status, 403);
  EXPECT_EQ(ask("MKCOL", "/in/out/new", "").status, 403);
  EXPECT_EQ(ask("DELETE", "/in/out", "").status, 204);
  EXPECT_THAT(names_in(tree.path("other")), UnorderedElementsAre("file"));
  EXPECT_EQ(ask("PUT", "/in/deep/x", "x").status, 201);
  EXPECT_EQ(ask("DELETE", "/in/file", "").status, 204);
  EXPECT_THROW(FileStoreHTTPRequestHandler::Shared(
                   {.files = {.directory = tree.path()}, .writable = "missing"}),
               OSError);
}

TEST_F(FileStore, allowed_methods) {
  EXPECT_EQ(ask("POST", "/file", "x").headers["Allow"], "GET, HEAD, PUT, POST, PATCH");
  serve({.upload = false, .make_directories = true, .remove = true});
  const Answer refused = ask("PUT", "/x", "x");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers["Allow"], "GET, HEAD, MKCOL, DELETE");
  EXPECT_EQ(ask("PATCH", "/x", "x").status, 405);
}

TEST_F(FileStore, pages_of_other_origins) {
  serve({.make_directories = true, .remove = true});
  tree.file("file");
  for (const std::string from :
       {"Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\nOrigin: http://x\r\n"}) {
    EXPECT_EQ(ask("PUT", "/new", "x", from).status, 403);
    EXPECT_EQ(ask("PATCH", "/new", "x", "Upload-Offset: 0\r\n" + from).status, 403);
    EXPECT_EQ(ask("MKCOL", "/dir", "", from).status, 403);
    EXPECT_EQ(ask("DELETE", "/file", "", from).status, 403);
    EXPECT_EQ(ask("GET", "/file", "", from).status, 200);
  }
  EXPECT_EQ(ask("PUT", "/new", "x", "Origin: http://x\r\n").status, 201);
  EXPECT_EQ(ask("DELETE", "/new", "", "Sec-Fetch-Site: same-origin\r\n").status, 204);
}

class ReadOnlyStore : public FileStoreHTTPRequestHandler {
 public:
  using FileStoreHTTPRequestHandler::FileStoreHTTPRequestHandler;

 protected:
  bool may_write() override { return headers()["Authorization"] == "secret"; }
};

TEST_F(FileStore, who_may_write) {
  serve_with<ReadOnlyStore>({.make_directories = true, .remove = true});
  tree.file("file", "content");
  EXPECT_EQ(ask("PUT", "/a", "x").status, 403);
  EXPECT_EQ(ask("PATCH", "/a", "x", "Upload-Offset: 0\r\n").status, 403);
  EXPECT_EQ(ask("MKCOL", "/b", "").status, 403);
  EXPECT_EQ(ask("DELETE", "/file", "").status, 403);
  EXPECT_EQ(server->get("/file").body, "content");
  EXPECT_EQ(ask("PUT", "/a", "x", "Authorization: secret\r\n").status, 201);
}

/// Asks for a password by itself.
class ChallengingStore : public FileStoreHTTPRequestHandler {
 public:
  using FileStoreHTTPRequestHandler::FileStoreHTTPRequestHandler;

 protected:
  bool may_write() override {
    http::Headers challenge;
    challenge.add("WWW-Authenticate", "Basic realm=\"x\"");
    send_error(401, std::nullopt, std::nullopt, challenge);
    return false;
  }
};

TEST_F(FileStore, an_override_of_may_write_may_answer) {
  serve_with<ChallengingStore>({.make_directories = true, .remove = true});
  tree.file("file", "content");
  const std::string form = "Content-Type: multipart/form-data; boundary=B\r\n";
  for (const auto& [method, target, fields] :
       std::vector<std::array<std::string, 3>>{{"PUT", "/a", ""},
                                               {"PUT", "/a", "Expect: 100-continue\r\n"},
                                               {"PATCH", "/a", "Upload-Offset: 0\r\n"},
                                               {"POST", "/", form},
                                               {"MKCOL", "/b", ""},
                                               {"DELETE", "/file", ""}}) {
    const Answer answer = ask(method, target, "x", fields);
    EXPECT_EQ(answer.status, 401) << method;
    EXPECT_EQ(answer.headers["WWW-Authenticate"], "Basic realm=\"x\"") << method;
  }
  // What only wants to know is never answered by it.
  EXPECT_EQ(server->get("/").status, 200);
  EXPECT_EQ(ask("HEAD", "/a", "").status, 404);
  EXPECT_FALSE(server->log().has("logic_error"));
}

class OfferingStore : public ReadOnlyStore {
 public:
  using ReadOnlyStore::ReadOnlyStore;

 protected:
  bool offers_changes(const http::TargetPath& place) const override { return !place.words.empty(); }
};

TEST_F(FileStore, an_override_says_what_the_page_offers) {
  serve_with<OfferingStore>({});
  tree.directory("d");
  EXPECT_THAT(server->get("/").body, Not(HasSubstr("type=\"file\"")));
  EXPECT_THAT(server->get("/d/").body, HasSubstr("type=\"file\""));
}

/// A request of a browser's to whom `host` is this server, by "DNS rebinding" or rightly.
std::string rebound(std::string_view method, std::string_view host) {
  const std::string name(host);
  return std::string(method) + " /file HTTP/1.1\r\nHost: " + name + "\r\nOrigin: http://" + name +
         "\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
}

TEST_F(FileStore, names_that_were_made_to_lead_here) {
  serve({.make_directories = true, .remove = true, .hosts = {"files.example"}});
  tree.file("file");
  for (const std::string method : {"PUT", "PATCH", "POST", "MKCOL", "DELETE"}) {
    EXPECT_THAT(server->ask(rebound(method, "evil.example:8000")), HasSubstr(" 421 ")) << method;
    EXPECT_THAT(server->ask(rebound(method, "files.example")), Not(HasSubstr(" 421 "))) << method;
  }
  EXPECT_THAT(server->ask(rebound("GET", "evil.example")), Not(HasSubstr(" 421 ")));
  EXPECT_THAT(server->ask(rebound("PUT", "evil.example")), HasSubstr("--allow-host"));
}

/// A file system of 1 MiB below the tree, for a scope.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    mounted_ = ::mount("none", path.c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  explicit operator bool() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_;
};

TEST_F(FileStore, full_disk) {
  tree.directory("small");
  const SmallDisk disk(tree.path("small"));
  if (!disk) GTEST_SKIP() << "no right to mount";
  // It takes all of what it refuses, so that a client which sends first can read the answer.
  serve({.on_duplicate = OnDuplicate::overwrite},
        {.lingering_bytes = std::size_t{4} << 20, .lingering_timeout = std::chrono::seconds(10)});
  tree.file("small/old", "old");
  const std::string large(std::size_t{2} << 20, 'x');
  const std::string coding = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(ask("PUT", "/small/announced", large).status, 507);
  EXPECT_EQ(ask("PUT", "/small/old", chunked(large), coding).status, 507);
  EXPECT_EQ(ask("PATCH", "/small/part", chunked(large), coding + "Upload-Offset: 0\r\n").status,
            507);
  EXPECT_EQ(content("small/old"), "old");
  EXPECT_EQ(ask("PUT", "/small/new", "there is room again").status, 201);
}

TEST_F(FileStore, permissions_of_the_file_system) {
  if (::getuid() == 0) GTEST_SKIP() << "root may do anything";
  tree.directory("locked");
  tree.mode("locked", 0555);
  EXPECT_EQ(ask("PUT", "/locked/a", "x").status, 403);
}

TEST_F(FileStore, connection_goes_on) {
  RawClient client = server->connect();
  client.send(
      "PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na"
      "PUT /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb"
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 201);
  EXPECT_EQ(read_answer(client).status, 201);
  EXPECT_EQ(read_answer(client).body, "a");
}

}  // namespace
}  // namespace socketserver::testing
