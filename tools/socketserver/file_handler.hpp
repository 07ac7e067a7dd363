#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http/simple_handler.hpp>

#include "access_rules.hpp"
#include "log.hpp"

namespace socketserver::tool {

/// What the tool's handlers do beyond SimpleHTTPRequestHandler.
struct FileHandlerOptions {
  SimpleHTTPOptions files = {};
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

/// Serves files to who may have them.
///
/// For overriding: a handler that takes files, or runs programs, derives from it and answers in
/// `do_PUT` and its like; whoever gets there may do so, for `changes_something` tells.
class FileHandler : public SimpleHTTPRequestHandler {
 public:
  using Options = FileHandlerOptions;

  struct Shared {
    /// @throws as SimpleHTTPRequestHandler::Shared.
    explicit Shared(Options given);

    Options options;
    SimpleHTTPRequestHandler::Shared files;
  };

  /// @param shared  borrowed.
  explicit FileHandler(const Shared& shared) noexcept
      : SimpleHTTPRequestHandler(shared.files), shared_(shared) {}

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

  /// Whether the request is more than a look at what is there.
  virtual bool changes_something() const;

 private:
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
