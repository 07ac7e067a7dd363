#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/document_root.hpp>
#include <socketserver/http/proto/media_type.hpp>
#include <socketserver/http/proto/target.hpp>

namespace socketserver {

/// What SimpleHTTPRequestHandler serves, and how.
struct SimpleHTTPOptions {
  /// The directory to serve; relative to the working directory of now.
  std::string directory = ".";

  /// A directory that has one of these as a regular file is answered with it; the first one wins.
  std::vector<std::string> index_pages = {"index.html", "index.htm"};

  /// Whether a directory without index page is listed; otherwise 404.
  bool list_directories = true;

  /// Whether names that begin with a dot are listed and served. `/.well-known/` always is.
  bool show_hidden = false;

  http::Symlinks symlinks = http::Symlinks::inside;

  /// Media types by suffix (".md"), looked up before the built-in ones.
  http::MediaTypes extensions_map = {};

  /// The media type of everything else.
  std::string default_content_type = "application/octet-stream";

  /// Header fields for every 200 answer.
  std::vector<std::pair<std::string, std::string>> extra_response_headers = {};
};

/// Serves the files of a directory to GET and HEAD.
///
/// ```cpp
/// ThreadingHTTPServer({"", 8000}, handler<SimpleHTTPRequestHandler>({.directory = "/srv"}))
///     .serve_forever();
/// ```
/// Directories are redirected to their name with a slash, then answered with their index page or a
/// listing. Only regular files are served, and nothing outside the directory. `If-Modified-Since`
/// is answered with 304.
///
/// Differs from Python: names that begin with a dot and links that leave the directory are not
/// served unless the options say so; POST and other methods that files do not have are 405.
/// Source: Python `http.server.SimpleHTTPRequestHandler`.
class SimpleHTTPRequestHandler : public BaseHTTPRequestHandler {
 public:
  using Options = SimpleHTTPOptions;

  /// What the handlers of a server share: the options, and the directory, opened once.
  struct Shared {
    /// @throws OSError "open directory /srv".
    explicit Shared(Options options = {});

    Options options;
    http::DocumentRoot root;
  };

  /// @param shared  borrowed; `handler<SimpleHTTPRequestHandler>(options)` keeps it.
  explicit SimpleHTTPRequestHandler(const Shared& shared) noexcept : shared_(shared) {}

 protected:
  std::string_view server_version() const override { return "SimpleHTTP/0.6"; }

  void do_GET() override;
  void do_HEAD() override;
  void do_POST() override { send_method_not_allowed(); }
  void do_PUT() override { send_method_not_allowed(); }
  void do_DELETE() override { send_method_not_allowed(); }
  void do_PATCH() override { send_method_not_allowed(); }

  /// Answers the head of the response; returns the file whose content is to follow, if any.
  virtual std::optional<http::OpenedPath> send_head();

  /// Maps the request's target to a place below the directory; nothing: there is no such place.
  virtual std::optional<http::TargetPath> translate_path(std::string_view target) const;

  /// Answers with a page that lists an open directory, whose decoded path is `title`.
  virtual void list_directory(http::OpenedPath directory, const std::string& title);

  /// Sends the content of a file: exactly as much as was announced, or the connection closes.
  virtual void copyfile(const http::OpenedPath& source);

  /// The media type of a file by its name.
  virtual std::string_view guess_type(std::string_view name) const;

  const Options& options() const noexcept { return shared_.options; }

  /// The directory that is served, for overrides that look for files of their own.
  const http::DocumentRoot& root() const noexcept { return shared_.root; }

 private:
  std::optional<http::OpenedPath> send_directory(http::OpenedPath directory,
                                                 const http::TargetPath& place);
  std::optional<http::OpenedPath> send_file_head(http::OpenedPath file, std::string_view name);
  bool is_hidden(const http::TargetPath& place) const;
  bool is_unmodified(const http::OpenedPath& file) const;
  void send_success(std::string_view type, std::uint64_t length);
  void send_method_not_allowed();

  const Shared& shared_;
};

}  // namespace socketserver
