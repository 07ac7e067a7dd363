#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http/file_store_handler.hpp>

#include "access_rules.hpp"
#include "log.hpp"

namespace socketserver::tool {

/// What the tool's handlers do beyond FileStoreHTTPRequestHandler.
struct FileHandlerOptions {
  SimpleHTTPOptions files = {};

  /// What clients may change; `files` is in the place of its own.
  FileStoreOptions store = {.upload = false};
  std::string protocol = "HTTP/1.1";

  /// The name of the one file that is served, at "/" and under its name; "": the whole directory.
  std::string only_file = {};

  /// A first word that every path must have, and that is taken off: "kX3…". "": none.
  std::string route = {};

  /// The path that is answered with "ok" to whoever may connect. "": none.
  std::string health = {};

  /// Whether files have an `ETag`.
  bool entity_tags = true;

  /// Header fields for every answer; listings keep their own policy.
  std::vector<std::pair<std::string, std::string>> headers = {};

  /// The `Access-Control-Allow-Origin` of every answer; preflight requests are answered, too. "":
  /// none.
  std::string cors_origin = {};

  std::string realm = "socketserver";
  const AccessRules* access = nullptr;  ///< Borrowed; null: everybody may have everything.
  Log* log = nullptr;                   ///< Borrowed; null: as the library logs.
};

/// Serves files to who may have them, and takes some from who may change them.
class FileHandler : public FileStoreHTTPRequestHandler {
 public:
  using Options = FileHandlerOptions;

  struct Shared {
    /// @throws as FileStoreHTTPRequestHandler::Shared.
    explicit Shared(Options given);

    Options options;
    FileStoreHTTPRequestHandler::Shared files;
  };

  /// @param shared  borrowed.
  explicit FileHandler(const Shared& shared) noexcept
      : FileStoreHTTPRequestHandler(shared.files), shared_(shared) {}

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
  void list_directory(http::OpenedPath directory, const std::string& title) override;

  bool may_write() override;
  std::string location_of(std::span<const std::string> words) const override;

 private:
  AccessRules::Verdict judge(std::span<const std::string> words, bool changes) const;
  bool changes_something() const;
  bool reaches_below() const;
  bool admit();
  bool admit_to_place();
  bool answer_preflight();
  bool answer_health();
  void send_unauthorized();
  bool logs_answers() const;

  const Shared& shared_;
  // Of the current request.
  std::optional<bool> admitted_;
  std::string user_;
  int status_ = 0;
  bool listing_ = false;   // it is answered with a listing, which has a policy of its own
  bool refusing_ = false;  // send_error is at work
  bool is_health_ = false;
};

}  // namespace socketserver::tool
