// A page that takes a picture and a note about it, and stores them.
//
//   upload_form [DIRECTORY=.] [PORT=8082]

#include <string>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

constexpr std::string_view kPage = R"(<!doctype html>
<form method="post" enctype="multipart/form-data">
  <input name="note"> <input name="picture" type="file"> <button>Send</button>
</form>
)";

class Upload : public BaseHTTPRequestHandler {
 public:
  explicit Upload(const std::string& directory) : directory_(directory) {}

 private:
  void do_GET() override { send_text(200, kPage, "text/html; charset=utf-8"); }

  void do_POST() override {
    const http::Form form = read_form({.files = 1});
    const http::UploadedFile* picture = form.file("picture");
    if (picture == nullptr) throw http::RequestError(400, "No picture was chosen.");
    // Clients name files as they like: only what is harmless as a name here becomes one.
    const std::string& name = picture->filename;
    if (name.empty() || name.starts_with('.')) throw http::RequestError(400, "What a name.");
    picture->content.save_as(directory_ + '/' + name);
    send_text(std::string(form.fields["note"]) + ": " + std::to_string(picture->content.size()) +
              " bytes\n");
  }

  const std::string& directory_;
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingHTTPServer server({"", arguments.port(1, 8082)},
                             handler<Upload>(arguments.word(0, ".")));
  arguments.announce(server);
  server.serve_forever();
}
