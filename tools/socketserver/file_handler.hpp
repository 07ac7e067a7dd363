#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http/cgi_handler.hpp>
#include <socketserver/http/file_store_handler.hpp>

#include "access_rules.hpp"
#include "counted_streams.hpp"
#include "log.hpp"
#include "rate_limit.hpp"

namespace socketserver::tool {

/// What the tool's handlers serve, and what they do beyond the library's.
struct FileHandlerOptions {
  SimpleHTTPOptions files = {};

  /// What clients may change; `files` is in the place of its own.
  FileStoreOptions store = {.upload = false};

  /// What is run; `files` is in the place of its own. Either clients change something, or something
  /// is run.
  CGIHTTPOptions cgi = {.cgi_directories = {}};
  std::string protocol = "HTTP/1.1";

  /// The name of the one file that is served, at "/" and under its name; "": the whole directory.
  std::string only_file = {};

  /// A first word that every path must have, and that is taken off: "kX3…". "": none.
  std::string route = {};

  /// The path that is answered with "ok" to whoever may connect. "": none.
  std::string health = {};

  /// The path that is answered with 200 to whoever may connect while the server is ready for
  /// others, and with 503 while it is not. "": none.
  std::string ready = {};

  /// Whether files have an `ETag`.
  bool entity_tags = true;

  /// Header fields for every answer that does not have them anyway.
  std::vector<std::pair<std::string, std::string>> headers = {};

  /// The `Access-Control-Allow-Origin` of every answer; preflight requests are answered, too. "":
  /// none.
  std::string cors_origin = {};

  std::string realm = "socketserver";
  const AccessRules* access = nullptr;  ///< Borrowed; null: everybody may have everything.
  RateLimit* rate = nullptr;            ///< Borrowed; null: clients may ask as often as they like.
  Log* log = nullptr;                   ///< Borrowed; null: as the library logs.
  Progress* progress = nullptr;         ///< Borrowed; null: nobody looks at transfers.
};

/// Serves what `Files`, one of the library's handlers, serves, to who may have it. There is one for
/// FileStoreHTTPRequestHandler and one for CGIHTTPRequestHandler.
template <class Files>
class FileHandler : public Files {
 public:
  using Options = FileHandlerOptions;

  struct Shared {
    /// @throws as `Files::Shared`.
    explicit Shared(Options given);

    Options options;
    typename Files::Shared files;
  };

  /// @param shared  borrowed.
  explicit FileHandler(const Shared& shared) noexcept : Files(shared.files), shared_(shared) {}

  Writer& wfile() override;

  void send_response_only(int code,
                          std::optional<std::string_view> message = std::nullopt) override;
  void send_header(std::string_view name, std::string_view value) override;
  void end_headers() override;
  void send_error(int code, std::optional<std::string_view> message = std::nullopt,
                  std::optional<std::string_view> explain = std::nullopt,
                  const http::Headers& extra = {}) override;

  void log_request(std::optional<int> code = std::nullopt,
                   std::optional<std::uint64_t> size = std::nullopt) override;
  void log_error(std::string_view message) override;
  void log_answer(const http::AnswerSummary& answer) override;

 protected:
  std::string_view protocol_version() const override { return shared_.options.protocol; }

  void handle_one_request() override;
  bool handle_expect_100() override;
  bool dispatch(std::string_view command) override;

  std::optional<http::TargetPath> translate_path(std::string_view target) const override;

  /// Whether the client may have what the request is for; false: it has been answered.
  bool admit();

  /// Whether the client may have, or change, as the request is about to, what is at a place; false:
  /// it has been answered.
  bool admit_to(std::span<const std::string> words);

  /// Whether the client may have what is at a place, or may change it.
  AccessRules::Verdict judge(std::span<const std::string> words, bool changes) const;

  /// Whether anybody has to prove who they are.
  bool has_accounts() const;

  /// The account that the client has proved to have; "": none.
  const std::string& user() const noexcept { return user_; }

  /// What all paths begin with: "/kX3…", or "".
  std::string prefix() const;

  /// Who wants to know of transfers; null: nobody.
  Progress* progress() const noexcept { return shared_.options.progress; }

  /// What the request is for, as a person at a terminal may see it: the last name of its place.
  std::string shown_name() const;

 private:
  bool changes_something() const;
  bool reaches_below() const;
  bool admit_to_place();
  bool enforce(AccessRules::Verdict verdict);
  bool answer_preflight();
  bool answer_probe();
  bool refuse_excess();
  void send_unauthorized();
  bool logs_answers() const;

  const Shared& shared_;
  // Of the current request.
  std::optional<bool> admitted_;
  std::string admitted_path_;  // what that is about
  std::string user_;
  int status_ = 0;
  std::vector<bool> said_;                  // which of the options' fields the answer has
  std::optional<std::uint64_t> announced_;  // its Content-Length, for the progress
  std::optional<CountedWriter> counted_;    // there is somebody to tell of it
  bool refusing_ = false;                   // send_error is at work
  bool is_probe_ = false;                   // for the health or the readiness
};

extern template class FileHandler<FileStoreHTTPRequestHandler>;
extern template class FileHandler<CGIHTTPRequestHandler>;

}  // namespace socketserver::tool
