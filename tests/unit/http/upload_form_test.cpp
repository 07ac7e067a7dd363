#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "file_store.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using Files = std::vector<std::pair<std::string, std::string>>;

std::string form_of(const Files& files) {
  std::string body = "--B\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nfield\r\n";
  for (const auto& [name, content] : files) {
    body += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
            "\"\r\nContent-Type: text/plain\r\n\r\n" + content + "\r\n";
  }
  return body + "--B--\r\n";
}

class UploadForm : public FileStore {
 protected:
  Answer post(std::string_view target, const std::string& body, const std::string& fields = {}) {
    return ask("POST", target, body, fields + "Content-Type: multipart/form-data; boundary=B\r\n");
  }
};

TEST_F(UploadForm, files) {
  tree.directory("\xc3\xa4 d");
  const std::string large(300'000, 'x');
  const Answer answer =
      post("/%C3%A4%20d/", form_of({{"a.txt", "a"}, {"large", large}, {"", ""}, {"empty", ""}}));
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.headers["Location"], "/%C3%A4%20d/");
  EXPECT_THAT(names_in(tree.path("\xc3\xa4 d")), UnorderedElementsAre("a.txt", "large", "empty"));
  EXPECT_EQ(content("\xc3\xa4 d/large"), large);
  EXPECT_EQ(post("/", form_of({})).headers["Location"], "/");
}

TEST_F(UploadForm, names_never_lead_elsewhere) {
  for (const std::string name :
       {"../evil", "/evil", "..\\\\evil", "C:\\\\dir\\\\evil", "a/../../evil", "d/evil"}) {
    serve({.on_duplicate = OnDuplicate::overwrite});
    EXPECT_EQ(post("/", form_of({{name, "x"}})).status, 303) << name;
    EXPECT_THAT(names(), UnorderedElementsAre("evil")) << name;
  }
}

TEST_F(UploadForm, names_that_are_refused) {
  for (const auto& [name, status] : std::vector<std::pair<std::string, int>>{
           {".hidden", 403}, {".a.socketserver-part", 403}, {"a\x01z", 400}}) {
    EXPECT_EQ(post("/", form_of({{name, "x"}})).status, status) << name;
  }
  post("/", form_of({{"..", "x"}}));
  post("/", form_of({{"a%00b", "x"}}));
  EXPECT_THAT(names(), UnorderedElementsAre("a%00b"));
}

TEST_F(UploadForm, taken_names) {
  tree.file("b", "old");
  EXPECT_EQ(post("/", form_of({{"a", "a"}, {"b", "new"}, {"c", "c"}})).status, 409);
  EXPECT_EQ(content("b"), "old");
  // What was stored before stays.
  EXPECT_THAT(names(), UnorderedElementsAre("a", "b"));
  serve({.on_duplicate = OnDuplicate::rename});
  EXPECT_EQ(post("/", form_of({{"b", "new"}})).status, 303);
  EXPECT_EQ(content("b (1)"), "new");
}

TEST_F(UploadForm, limits) {
  serve({.upload_max = 4});
  EXPECT_EQ(post("/", form_of({{"a", "1234"}})).status, 303);
  EXPECT_EQ(post("/", form_of({{"b", "12345"}})).status, 413);
  EXPECT_THAT(names(), UnorderedElementsAre("a"));
}

TEST_F(UploadForm, broken_forms_leave_no_half_file) {
  const std::string form = form_of({{"a", "content"}});
  EXPECT_EQ(post("/", form.substr(0, form.size() - 8)).status, 400);
  EXPECT_EQ(ask("POST", "/", "x=y", "Content-Type: application/x-www-form-urlencoded\r\n").status,
            415);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(UploadForm, where_it_may_not) {
  tree.directory("d");
  tree.directory(".hidden");
  outside.directory("d");
  tree.link("out", outside.path());
  const std::string form = form_of({{"a", "a"}});
  EXPECT_EQ(post("/d", form).status, 405);
  EXPECT_EQ(post("/missing/", form).status, 404);
  EXPECT_EQ(post("/.hidden/", form).status, 403);
  EXPECT_EQ(post("/out/", form).status, 403);
  EXPECT_EQ(post("/", form, "Origin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(post("/%00/", form).status, 400);
  serve({.writable = "d"});
  EXPECT_EQ(post("/", form).status, 403);
  EXPECT_EQ(post("/d/", form).status, 303);
  serve({.upload = false});
  EXPECT_EQ(post("/d/", form).status, 405);
  EXPECT_THAT(names_in(outside.path()), UnorderedElementsAre("d"));
}

class ProtectingStore : public FileStoreHTTPRequestHandler {
 public:
  using FileStoreHTTPRequestHandler::FileStoreHTTPRequestHandler;

 protected:
  bool may_write_to(const http::TargetPath& place) override {
    if (place.words.empty() || place.words.back() != "new") return true;
    send_error(401);
    return false;
  }
};

TEST_F(UploadForm, each_file_is_judged_by_its_place) {
  serve_with<ProtectingStore>({});
  EXPECT_EQ(ask("PUT", "/new", "x").status, 401);
  EXPECT_EQ(post("/", form_of({{"first", "x"}, {"new", "x"}, {"last", "x"}})).status, 401);
  EXPECT_THAT(names(), UnorderedElementsAre("first"));
}

TEST_F(UploadForm, page_offers_what_is_allowed) {
  tree.directory("d");
  const Answer page = server->get("/d/");
  EXPECT_THAT(page.body, HasSubstr("id=\"upload\""));
  EXPECT_THAT(page.body, Not(HasSubstr("id=\"mkdir\"")));
  EXPECT_THAT(page.headers["Content-Security-Policy"], HasSubstr("script-src 'sha256-"));

  serve({.make_directories = true, .remove = true, .writable = "d"});
  EXPECT_THAT(server->get("/").body, Not(HasSubstr("<script")));
  EXPECT_THAT(server->get("/").headers["Content-Security-Policy"], Not(HasSubstr("script-src")));
  EXPECT_THAT(server->get("/d/").body, HasSubstr("id=\"mkdir\""));
  EXPECT_THAT(server->get("/d/").body, HasSubstr("id=\"removable\""));
}

}  // namespace
}  // namespace socketserver::testing
