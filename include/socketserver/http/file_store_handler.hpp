#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/simple_handler.hpp>

namespace socketserver {

namespace http {
class NewFile;
struct UploadPart;
}  // namespace http

/// What an upload does when its name is taken.
enum class OnDuplicate {
  error,      ///< Nothing: 409.
  overwrite,  ///< Takes its place. Conditions (`If-Match`) say which version it may replace.
  rename,     ///< Becomes "name (1).txt", or the next number that is free; `Location` says which.
};

/// What FileStoreHTTPRequestHandler lets clients do.
struct FileStoreOptions {
  /// The directory, and how its files are served. `precompressed` only counts where clients may
  /// replace files, or upload none: else who may but add `a.js.gz` would have it sent for `a.js`.
  SimpleHTTPOptions files = {};

  /// Whether files may be uploaded.
  bool upload = true;

  /// Whether directories may be made; those that an upload's path lacks are made with it.
  bool make_directories = false;

  /// Whether files and directories may be removed.
  bool remove = false;

  /// A directory below the served one ("incoming") outside which nothing may be changed, by links
  /// neither. Empty: all of it may.
  std::string writable = {};

  OnDuplicate on_duplicate = OnDuplicate::error;  ///< When the name is taken.

  /// Bytes of an uploaded file at the most: 413. 0: no limit. `Limits::body_bytes` of the server
  /// bounds every single request besides, and must be raised for uploads beyond it.
  std::uint64_t upload_max = 0;

  /// The mode of uploaded files, exactly: 0640. Absent: 0666 as far as the umask allows.
  std::optional<unsigned> file_mode = {};

  /// How long what has arrived of an upload that broke off is kept to be gone on with. 0: it is
  /// dropped at once.
  Duration partial_lifetime = std::chrono::hours(24);

  /// Whether an upload is on the disk before it is answered.
  bool sync = false;

  /// How many names may go at once when a directory is removed with what is in it: 409 beyond.
  std::size_t remove_limit = 10'000;

  /// Names of the server besides "localhost", for changes over a loopback address: those by which a
  /// proxy on this machine asks, "files.example.com". "*": any. See http::is_misdirected.
  std::vector<std::string> hosts = {};
};

/// Serves the files of a directory, and takes new ones.
///
/// ```cpp
/// ThreadingHTTPServer({"127.0.0.1", 8000}, handler<FileStoreHTTPRequestHandler>(
///     {.files = {.directory = "/srv"}, .on_duplicate = OnDuplicate::overwrite}))
///     .serve_forever();
/// ```
/// Everybody who can reach the server may do what the options allow: override `may_write` where
/// that is too much.
///
/// - `PUT /a/file` uploads (201, or 204 in place of another), all or nothing: other readers see
///   the old file or the new one, never half of it, and `If-Match`, `If-None-Match: *` and
///   `If-Unmodified-Since` hold at the moment of the change (412).
/// - `PATCH /a/file` goes on with an upload that broke off; `HEAD` tells in `Upload-Offset` how
/// much
///   of it has arrived. docs/upload.md has the protocol.
/// - `POST /a/` with a form of type `multipart/form-data` uploads the files in it, as the page of a
///   listing has it: 303 back to that page. Each file is all or nothing; those in front of one that
///   is refused stay.
/// - `MKCOL /a/directory` makes one (201), as WebDAV has it.
/// - `DELETE` removes a file, a link or an empty directory (204); with `Depth: infinity` also a
///   directory that is not empty, unless a hidden name is in it (403).
///
/// The page of a listing offers what its visitor may do; with a script of its own, uploads show how
/// far they are and are gone on with when the connection breaks.
///
/// Names that begin with a dot can neither be made nor changed unless `show_hidden` is on, names
/// with control characters never. A link is never followed out of the directory, and a name that is
/// a link is itself replaced or removed. Requests that a page of another origin has a browser send
/// are 403, those that may come from a page whose name was made to lead here 421, see `hosts`. A
/// full disk is 507.
///
/// Source: none in Python.
class FileStoreHTTPRequestHandler : public SimpleHTTPRequestHandler {
 public:
  using Options = FileStoreOptions;  ///< What `handler<…>()` takes.

  /// As the base's, with the rest of the options.
  struct Shared : SimpleHTTPRequestHandler::Shared {
    /// @throws as the base's; std::invalid_argument for a `writable` that is no path below the
    ///         directory.
    explicit Shared(FileStoreOptions given = {});

    FileStoreOptions store;             ///< Without `files`, which the base has.
    std::vector<std::string> writable;  ///< The `writable` of the options, split at their slashes.
    http::DocumentRoot writable_root;   ///< That directory, open.
  };

  /// @param shared  what all handlers of a server share; must outlive this one.
  explicit FileStoreHTTPRequestHandler(const Shared& shared) noexcept
      : SimpleHTTPRequestHandler(shared), shared_(shared) {}

  void end_headers() override;

 protected:
  void do_HEAD() override;
  void do_PUT() override;
  void do_PATCH() override;
  void do_POST() override;
  void do_DELETE() override;
  virtual void do_MKCOL();  ///< Makes a directory (RFC 4918 §9.3).

  bool dispatch(std::string_view command) override;
  bool handle_expect_100() override;

  /// Whether this client may change anything. False: 403, unless the override has sent an answer
  /// of its own, to the end of its head. Called for every request that is to change something.
  virtual bool may_write() { return true; }

  /// Whether this client may change what is at a place: `may_write()`, unless overridden. Called
  /// for every change, for each file of a form too; false: as there.
  virtual bool may_write_to(const http::TargetPath& place);

  /// Whether this client is told what it may change at a place: the page of a directory offers it,
  /// and HEAD says how much of an upload has arrived. Cannot answer. For who overrides the above.
  virtual bool offers_changes(const http::TargetPath& place) const;

  /// The path of a place, percent-encoded, for `Location`; "" for the root. An override of
  /// `translate_path` that takes something off puts it back here.
  virtual std::string location_of(std::span<const std::string> words) const;

  void send_method_not_allowed(std::optional<std::string_view> message = std::nullopt) override;
  http::ListingControls listing_controls() override;

  /// The options of what may come in.
  const FileStoreOptions& store_options() const noexcept { return shared_.store; }

 private:
  struct Target;
  struct Stored;

  bool admit_request(bool allowed);
  bool admit_client(const http::TargetPath& place);
  std::optional<http::TargetPath> admit_place(bool allowed);
  std::optional<Target> admit(bool allowed);
  std::optional<Target> admit_file();
  std::optional<Target> admit_form();
  bool admit_name(const Target& target);
  http::OpenedPath open_writable(std::span<const std::string> words) const;
  bool find_parent(Target& target);
  bool make_parents(Target& target);
  bool conditions_hold(const Target& target);
  std::error_code remove(const Target& target);
  std::uint64_t announced_size() const;
  void refuse(const std::error_code& ec, std::string_view action);

  bool receive(http::NewFile& file, std::optional<std::uint64_t> end);
  bool receive_part(Target target, http::MultipartReader& parts);
  void continue_upload(const Target& target, http::NewFile& file, const http::UploadPart& part);
  void publish(const Target& target, http::NewFile& file);
  std::error_code store(const Target& target, http::NewFile& file, Stored& stored);
  std::error_code give_name(const Target& target, http::NewFile& file, Stored& stored);

  bool keeps_partials() const noexcept;
  std::int64_t partial_seconds() const noexcept;
  std::error_code keep(const Target& target, http::NewFile& file);
  std::optional<http::NewFile> resume(const Target& target, std::error_code& ec) const;
  std::optional<std::uint64_t> kept_size(const http::TargetPath& place);
  void send_offset(int code, std::uint64_t offset);

  const Shared& shared_;
  std::optional<std::uint64_t> offset_;  // `Upload-Offset` of the head that is being sent
  bool answered_ = false;                // since may_write was called
};

}  // namespace socketserver
