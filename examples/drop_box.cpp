// A directory that everybody may read, and into which who knows the secret may put files.
//
//   drop_box [DIRECTORY=.] [SECRET=open-sesame] [PORT=8080]
//   curl -H 'Authorization: Bearer open-sesame' -T file http://localhost:8080/

#include <socketserver/http_server.hpp>
#include <string>
#include <utility>

#include "example_support.hpp"

using namespace socketserver;

namespace {

class DropBox : public FileStoreHTTPRequestHandler {
 public:
  struct Shared : FileStoreHTTPRequestHandler::Shared {
    Shared(FileStoreOptions given, const std::string& secret)
        : FileStoreHTTPRequestHandler::Shared(std::move(given)), expected("Bearer " + secret) {}

    std::string expected;
  };

  explicit DropBox(const Shared& shared) noexcept
      : FileStoreHTTPRequestHandler(shared), shared_(shared) {}

 protected:
  bool may_write() override { return headers()["Authorization"] == shared_.expected; }

  // Who may not is not offered to, on the page of the directory.
  bool offers_changes(const http::TargetPath& /*place*/) const override {
    return headers()["Authorization"] == shared_.expected;
  }

 private:
  const Shared& shared_;
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ServerOptions options;
  options.limits.body_bytes = 0;  // what a file may have is the store's business
  ThreadingHTTPServer server({"", arguments.port(2, 8080)},
                             handler<DropBox>(
                                 FileStoreOptions{
                                     .files = {.directory = arguments.word(0, ".")},
                                     .on_duplicate = OnDuplicate::rename,
                                     .upload_max = std::uint64_t{4} << 30,
                                 },
                                 arguments.word(1, "open-sesame")),
                             options);
  arguments.announce(server);
  server.serve_forever();
}
