#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/simple_handler.hpp>
#include <socketserver/net/address.hpp>

namespace socketserver {

namespace http {
class CGIAnswer;
struct CGIUser;
enum class CGIEnd;
}  // namespace http

/// What CGIHTTPRequestHandler runs, and how.
struct CGIHTTPOptions {
  /// What is served, and how what is not run is: `{.files = {.directory = "/srv"}}`.
  SimpleHTTPOptions files = {};

  /// Paths whose content is run and never shown, with all that is below them.
  std::vector<std::string> cgi_directories = {"/cgi-bin", "/htbin"};

  /// Files of these suffixes are run, wherever they are below the root, by the program of the
  /// absolute path beside it: `{{".py", "/usr/bin/python3"}}`. They need no permission to execute.
  /// As one of `index_pages` they answer for their directory. Case does not matter.
  std::map<std::string, std::string> cgi_extensions = {};

  /// FastCGI applications that answer in the place of programs, by what is theirs: files of a
  /// suffix, as above, `{{".php", Address::unix_path("/run/php/php8.2-fpm.sock")}}`, or a path with
  /// all that is below it, whatever files are there, `{{"/app", Address("127.0.0.1", 9000)}}`.
  std::map<std::string, Address> fastcgi_applications = {};

  /// Variables for every script: `{{"GIT_PROJECT_ROOT", "/srv/git"}}`. They win over those of the
  /// request.
  std::map<std::string, std::string> environment = {};

  /// Which of the server's own variables, as they are when the handler is bound, scripts get, too.
  /// Without a PATH they have one of the system's directories.
  std::vector<std::string> inherited_environment = {"PATH", "LANG", "LC_ALL", "TZ"};

  /// Who runs the scripts when the server is root, with the groups of that user. Empty: root does.
  /// A server that is not root runs them as itself.
  std::string user = "nobody";

  /// Whether the `Authorization` of a request gives scripts AUTH_TYPE and, for Basic, REMOTE_USER,
  /// as in Python. Nobody has checked the password: a script must not trust the name. Programs that
  /// do, `git http-backend` among them, want this off unless something before the server checks.
  bool names_user = true;

  /// Whether scripts get `Authorization` as HTTP_AUTHORIZATION, to check the password themselves.
  bool passes_authorization = false;
};

/// Serves the files of a directory, and runs CGI scripts (RFC 3875) for GET, HEAD and POST.
///
/// ```cpp
/// ThreadingHTTPServer({"", 8000}, handler<CGIHTTPRequestHandler>({.files = {.directory =
/// "/srv"}}))
///     .serve_forever();
/// ```
/// A script is the first name below a CGI directory that is no directory; the rest of the path is
/// its PATH_INFO. It runs in its own directory and process group, with an environment that has the
/// request's variables and little else, no descriptors but the standard three, and the server's
/// standard error. What it writes begins with a head: `Content-Type`, `Status` or `Location`;
/// then its output goes to the client as it comes. A query without '=' is its argument, unless that
/// could be taken for an option.
///
/// A body with a length is streamed to the script, one in chunks is received first, so that
/// CONTENT_LENGTH is always right. A script named `nph-…` is like any other: when it writes a
/// status line, that is its status, and the framing stays the server's.
///
/// A script is killed with its group when it goes over `Limits::cgi_timeout`, `cgi_total_timeout`
/// or `cgi_output_bytes`, when its client is gone, and when the grace of a server that stops has
/// passed. Before its head that is answered with 504 or 503, after it the connection is cut. A
/// script that cannot be run, or has no valid head, is 500; the log has the reason. Beyond
/// `Limits::cgi_processes` at once: 503.
///
/// A FastCGI application of a suffix gets what a script would be told of such a file, which must be
/// there and which it must find under the same name. One of a path has that as SCRIPT_NAME, and
/// what follows as PATH_INFO. Both get every method but CONNECT and TRACE, and of variables only
/// those of the request and the `environment` of the options. Each request has a connection of its
/// own, and counts as one of the scripts that run at once. The limits are those of scripts; what
/// the application writes to its standard error goes to the log. One that cannot be reached, breaks
/// off, or breaks the protocol is 502, one that is overloaded 503.
///
/// A client that resets its connection is gone at once. One that closes it may still be listening,
/// for all that can be seen, so it is gone when the script writes and nobody takes that.
///
/// Works under every engine. Needs Linux 5.4. The server's program must neither wait for children
/// that are not its own nor rely on SIGCHLD.
///
/// Differs from Python: see docs/from-python.md.
/// Source: Python `http.server.CGIHTTPRequestHandler`.
class CGIHTTPRequestHandler : public SimpleHTTPRequestHandler {
 public:
  using Options = CGIHTTPOptions;  ///< What `handler<…>()` takes.

  /// What the handlers of a server share.
  struct Shared : SimpleHTTPRequestHandler::Shared {
    /// @throws OSError "open directory /srv", "interpreter /usr/bin/python3"; std::invalid_argument
    ///         for a directory without '/' in front, a suffix without '.', one that is both run and
    ///         an application's, an application that nobody can connect to, a variable without
    ///         name, a `user` that does not exist, a script as `spa_fallback` or error page, or
    ///         archives, which would show the scripts that are in them.
    explicit Shared(Options options = {});
    ~Shared();

    /// The program that runs files of this name; null: none does.
    const std::string* interpreter_of(std::string_view name) const;

    /// The application that has files of this name; null: none has.
    const Address* application_of(std::string_view name) const;

    /// What an application has with all that is below it.
    struct Applied {
      std::vector<std::string> words;  ///< Of the path.
      Address application;             ///< Where it listens.
    };

    /// The longest of them that a place is in; null: it is in none.
    const Applied* applied_to(const http::TargetPath& place) const;

    /// Whether either has.
    bool is_script_name(std::string_view name) const;

    /// How many words of a place are the CGI directory that it is below; nothing: it is below none.
    std::optional<std::size_t> directory_of(const http::TargetPath& place) const;

    /// Whether a file at this place, which is not the root, would be run, or is an application's.
    bool is_script(const http::TargetPath& place) const;

    Options cgi;            ///< As they were given.
    std::string root_path;  ///< Absolute, without '/' at the end.
    /// The `cgi_directories` of the options, split at their slashes.
    std::vector<std::vector<std::string>> cgi_directories;
    std::vector<Applied> applied;                       ///< The applications that have a path.
    std::map<std::string, std::string> environment;     ///< Of every script.
    std::unique_ptr<const http::CGIUser> user;          ///< Null: no other one.
    std::unique_ptr<std::atomic<std::size_t>> running;  ///< How many scripts there are now.
  };

  /// @param shared  borrowed; `handler<CGIHTTPRequestHandler>(options)` keeps it.
  explicit CGIHTTPRequestHandler(const Shared& shared) noexcept
      : SimpleHTTPRequestHandler(shared), shared_(shared) {}

  /// As sent, or where a script has redirected to within this server.
  std::string_view path() const override;

 protected:
  void handle_one_request() override;
  bool dispatch(std::string_view command) override;
  void do_POST() override;
  void do_PUT() override { send_no_method_of_scripts(); }
  void do_DELETE() override { send_no_method_of_scripts(); }
  void do_PATCH() override { send_no_method_of_scripts(); }

  /// Runs a script and returns nothing, or does as for any file.
  std::optional<http::OpenedPath> send_head() override;

  /// Not for scripts: their text is never sent, whatever `is_cgi` has said.
  bool may_send(const http::TargetPath& place) const override;

  /// Whether the request is one for a script or an application, and not for a file or a directory.
  virtual bool is_cgi();

  /// Answers such a request, whether the script can be run or not. Requires: `is_cgi()` was true.
  virtual void run_cgi();

  /// Whether a file, which is below a CGI directory and has no interpreter, may be run.
  virtual bool is_executable(const http::OpenedPath& script) const;

  /// Whether the script of this request gets AUTH_TYPE and REMOTE_USER; by default what the options
  /// say. The place for a server that has checked the password, or has not.
  virtual bool names_user() const { return shared_.cgi.names_user; }

  /// The decoded path by which clients know a script, for SCRIPT_NAME. An override of
  /// `translate_path` that takes something off puts it back here.
  virtual std::string script_name_of(std::span<const std::string> words) const;

 private:
  /// Where the script is in the path of the request.
  struct Script {
    http::TargetPath place;                // all of the path
    std::size_t words = 0;                 // so many of it are the script, …
    std::size_t directory = 0;             // … or at least more than these, which are directories
    const Address* application = nullptr;  // whose it is, if it is one's
    bool by_path = false;                  // because of the path, which need not be a file's
  };
  struct Body;

  std::optional<std::size_t> words_by_extension(const http::TargetPath& place) const;
  bool add_index_script(http::TargetPath& place) const;
  bool locate_script();
  void answer_by_script();
  void converse(const http::OpenedPath* directory);
  void run_program(Body& body, const http::OpenedPath& directory);
  void ask_application(Body& body);
  void take_end(http::CGIEnd end, const http::CGIAnswer& answer);
  std::optional<Duration> patience() const;
  Body take_body();
  std::string_view method() const;
  std::map<std::string, std::string> variables(const Body& body);
  std::string script_path() const;
  std::string path_info() const;
  void send_script_error(int code, std::string_view message);
  void send_no_method_of_scripts();
  void send_unsupported_by_scripts();

  const Shared& shared_;
  Script script_;
  std::optional<std::string> redirected_;
  int redirects_ = 0;
};

}  // namespace socketserver
