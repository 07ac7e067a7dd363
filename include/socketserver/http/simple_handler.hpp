#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http/archive_format.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/document_root.hpp>
#include <socketserver/http/listing_controls.hpp>
#include <socketserver/http/listing_options.hpp>
#include <socketserver/http/proto/media_type.hpp>
#include <socketserver/http/proto/multipart_ranges.hpp>
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

  /// How listings are sorted for who does not say.
  http::ListingOrder listing_order = {};

  /// The one form of listings; nothing: what the request asks for.
  std::optional<http::ListingFormat> listing_format = {};

  /// What listings call the whole, in their title and in place of the first "/": "Holiday
  /// pictures".
  std::string listing_name = {};

  /// Up to how many names a listing is sorted, for which they are held in memory, some 100 bytes
  /// each. A directory of more is listed as the file system has it, and says so.
  std::size_t listing_limit = 10'000;

  /// Whether names that begin with a dot are listed and served. `/.well-known/` always is.
  bool show_hidden = false;

  /// Whether "/about" is answered with `about.html` when there is no `about`.
  bool pretty_urls = false;

  /// Names that are neither listed nor served, and nothing below them is, as patterns of a shell:
  /// "*.bak", "node_modules". They hold for what is sent in place of the name that was asked for,
  /// too: index pages, precompressed files, pages of `pretty_urls`.
  std::vector<std::string> hidden_names = {};

  http::Symlinks symlinks = http::Symlinks::inside;  ///< Which symbolic links are followed.

  /// Formats in which a directory that may be listed can be had with all that is below it:
  /// `?archive=zip`. Those of socketserver::archive, or others. Empty: none. Any other in place of
  /// a listing is 404.
  std::vector<http::ArchiveFormat> archives = {};

  /// A file below the directory ("index.html") that answers, with 200, for what is not there, so
  /// that a single-page application finds its own way. Only for names without a dot: a script or a
  /// picture that is missing stays missing. It also answers for "/" where no index page does.
  /// Empty: 404.
  std::string spa_fallback = {};

  /// Files below the directory to send as the page of an error: `{{404, "404.html"}}`. They may be
  /// hidden, and have at most 1 MiB. When one cannot be had, the built-in page is sent.
  std::map<int, std::string> error_pages = {};

  /// Media types by suffix (".md"), looked up before the built-in ones.
  http::MediaTypes extensions_map = {};

  /// The media type of everything else.
  std::string default_content_type = "application/octet-stream";

  /// Added to media types `text/…` that name none: "utf-8". Empty: browsers guess.
  std::string charset = {};

  /// Whether `a.js.br`, `a.js.zst` or `a.js.gz` is sent in place of `a.js`, with its
  /// `Content-Encoding`, to who accepts that. One that is older than `a.js`, in whole seconds, is
  /// stale and left alone. File answers then vary by `Accept-Encoding`.
  bool precompressed = true;

  /// The content codings ("br", "zstd", "gzip", in the order of preference) that texts of 1 KiB and
  /// more are encoded with on the fly for who accepts them; none by default, for it costs time for
  /// each answer where a precompressed file costs none. Such answers have no length and a weak
  /// `ETag`; who asks for a range gets the file as it is.
  std::vector<std::string> compress = {};

  /// Whether GET and HEAD requests that came at the same time share a small file, of up to 16 KiB:
  /// it is opened and read once for all of them, and none gets what was there before it began to
  /// come. Only under fibers. Then an override of `copyfile` finds such files in
  /// `OpenedPath::content`; one of `do_GET` that changes files calls `request().leave_turn()`.
  bool share_small_files = false;

  /// The `Cache-Control` of files: by default caches ask each time, and get 304 for what they have.
  /// Empty: none.
  std::string cache_control = "no-cache";

  /// Header fields for every 200, 206 and 304 answer. `Cache-Control` here replaces the above, and
  /// `Content-Security-Policy` and `X-Content-Type-Options` those of listings.
  std::vector<std::pair<std::string, std::string>> extra_response_headers = {};
};

/// Serves the files of a directory to GET and HEAD.
///
/// ```cpp
/// ThreadingHTTPServer({"", 8000}, handler<SimpleHTTPRequestHandler>({.directory = "/srv"}))
///     .serve_forever();
/// ```
/// Directories are redirected to their name with a slash, then answered with their index page or a
/// listing. Only regular files are served, and nothing outside the directory.
///
/// Files have a strong `ETag` and `Last-Modified`; all conditions of RFC 9110 §13 are honoured
/// (304, 412), and so are single and multiple byte ranges (206, 416). What is sent is never more
/// than was announced; when a file ends early, the connection closes, and the log says so. The tag
/// is made of size, inode and time of modification: change files by renaming new ones over them,
/// for a file that is written in place twice within the clock tick of its file system keeps its
/// tag.
///
/// A listing is sorted by `?sort=name|size|time&order=asc|desc`. Who asks for `?format=json`, or
/// accepts `application/json` and not HTML, gets it as JSON.
///
/// Differs from Python: names that begin with a dot and links that leave the directory are not
/// served unless the options say so; POST and other methods that files do not have are 405.
/// Source: Python `http.server.SimpleHTTPRequestHandler`.
class SimpleHTTPRequestHandler : public BaseHTTPRequestHandler {
 public:
  using Options = SimpleHTTPOptions;  ///< What `handler<…>()` takes.

  /// What the handlers of a server share: the options, and the directory, opened once.
  struct Shared {
    /// @throws OSError "open directory /srv"; std::invalid_argument for a header field that cannot
    ///         be sent, an error page for a status that is no error, or an unknown coding.
    explicit Shared(Options options = {});

    Options options;                  ///< As they were given.
    http::DocumentRoot root;          ///< Beneath which everything is that is served.
    http::Headers file_fields;        ///< Of 200, 206 and 304 for files, made of the options.
    http::Headers negotiated_fields;  ///< The same for files that have variants.
  };

  /// @param shared  borrowed; `handler<SimpleHTTPRequestHandler>(options)` keeps it.
  explicit SimpleHTTPRequestHandler(const Shared& shared) noexcept : shared_(shared) {}
  explicit SimpleHTTPRequestHandler(Shared&&) = delete;  ///< It would not live long enough.

  /// As the base's, with the page that the options name for `code`.
  void send_error(int code, std::optional<std::string_view> message = std::nullopt,
                  std::optional<std::string_view> explain = std::nullopt,
                  const http::Headers& extra = {}) override;

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

  /// What the page of the directory at hand offers; by default the archives of the options.
  virtual http::ListingControls listing_controls();

  /// Answers with all that is below an open directory; how `ArchiveFormat` says. What cannot be
  /// read is left out, and logged. When the client or the writer fails, the connection is cut, so
  /// that no archive seems whole that is not.
  virtual void send_archive(http::OpenedPath directory, const http::TargetPath& place,
                            const http::ArchiveFormat& format);

  /// Sends the content of a file, or the ranges of it that `send_head` announced: exactly as much
  /// as was announced, or the connection closes.
  virtual void copyfile(const http::OpenedPath& source);

  /// Whether the content of the file at a place, which is not hidden, may be sent. Asked for every
  /// file by its own name: one that was asked for, an index page, the page of a URL without suffix,
  /// a precompressed sibling. Not asked for the error pages and the fallback of the options.
  virtual bool may_send(const http::TargetPath& place) const;

  /// Whether the names on the way to a place keep it from being served.
  bool is_hidden(const http::TargetPath& place) const;

  /// Answers 405 with the methods that are allowed; `message` replaces the usual phrase.
  virtual void send_method_not_allowed(std::optional<std::string_view> message = std::nullopt);

  /// The media type of a file by its name.
  virtual std::string_view guess_type(std::string_view name) const;

  const Options& options() const noexcept { return shared_.options; }  ///< As they were given.

  /// The directory that is served, for overrides that look for files of their own.
  const http::DocumentRoot& root() const noexcept { return shared_.root; }

 private:
  struct Variant;

  std::optional<http::OpenedPath> send_directory(http::OpenedPath directory,
                                                 const http::TargetPath& place);
  std::string_view named_archive() const;
  const http::ArchiveFormat* wanted_archive() const;
  void refuse_archive();
  http::OpenedPath open_place(std::span<const std::string> words);
  http::OpenedPath open_instead(const http::TargetPath& place);
  std::optional<http::OpenedPath> send_missing(const http::OpenedPath& found,
                                               const http::TargetPath& place);
  std::optional<http::OpenedPath> send_file_head(http::OpenedPath file,
                                                 std::span<const std::string> words);
  Variant choose_variant(http::OpenedPath& file, std::span<const std::string> words);
  void choose_encoding(Variant& variant, std::uint64_t size, std::string_view type) const;
  static void add_cache_fields(http::Headers& fields, const Options& options,
                               std::string_view cache_control, std::string_view vary);
  static void add_default(http::Headers& fields, const Options& options, std::string_view name,
                          std::string_view value);
  std::string_view content_type(std::string_view name, std::string& memory) const;
  std::optional<std::string> read_error_page(int code) const;

  const Shared& shared_;
  http::Selection selection_;  // what send_head announced; copyfile takes it
};

}  // namespace socketserver
