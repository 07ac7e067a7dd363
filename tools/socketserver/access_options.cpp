#include "access_options.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include <socketserver/base/error.hpp>

#include "arguments.hpp"
#include "printable.hpp"

namespace socketserver::tool {
namespace {

Network parse_network(const char* option, const std::string& text) {
  if (const auto network = Network::parse(text)) return *network;
  throw CLI::ValidationError(
      option, "must be an IP address or a network such as 10.0.0.0/8, not " + in_quotes(text));
}

/// 120 bits that nobody can guess, as characters that need no escape in a URL.
std::string random_word() {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 20> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw_os_error(last_error(), "getrandom");
  }
  std::string word;
  for (const unsigned char byte : bytes) word += kDigits[byte % kDigits.size()];
  return word;
}

/// Where a rule's directory is.
std::filesystem::path path_of(const FileHandlerOptions& options,
                              const std::vector<std::string>& words) {
  std::filesystem::path path = options.files.directory;
  for (const std::string& word : words) path /= word;
  return path;
}

/// A rule for a file would not hold for the other names that the file may be had by.
void require_directories(const FileHandlerOptions& options, const AccessRules& rules) {
  for (const auto& words : rules.protected_places()) {
    const auto path = path_of(options, words);
    std::error_code ec;
    if (!std::filesystem::exists(path, ec) || std::filesystem::is_directory(path, ec)) continue;
    throw CLI::ValidationError("--auth",
                               "rules are for directories, and " + path.native() + " is none");
  }
}

}  // namespace

AccessOptions::AccessOptions(CLI::App& command) {
  add_repeatable(
      command, "-a,--auth", accounts_,
      "Account, of a directory unless of everything; may come again. PASS may be a hash; "
      "other users see it in ps, so better --auth-file")
      ->type_name("USER:PASS[@/PATH[:ro|:rw]]");
  command.add_option("--auth-file", file_, "Accounts of htpasswd -B (bcrypt, SHA-512, yescrypt)")
      ->type_name("FILE");
  command.add_option("--auth-realm", realm_, "What browsers name when they ask for a password")
      ->type_name("TEXT")
      ->default_str(FileHandlerOptions().realm);
  add_repeatable(command, "--allow", allowed_, "Serve these networks only; may come again")
      ->type_name("CIDR");
  add_repeatable(command, "--deny", denied_, "Do not serve these networks; may come again")
      ->type_name("CIDR");
  command.add_flag("--random-route", random_route_, "Serve below a path that nobody can guess");
}

void AccessOptions::apply(FileHandlerOptions& options, AccessRules& rules) const {
  const char* option = "--auth";
  try {
    for (const std::string& account : accounts_) rules.add_account(account);
    option = "--auth-file";
    if (!file_.empty()) rules.add_file(file_);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError(option, error.what());
  }
  require_directories(options, rules);
  for (const std::string& text : allowed_) rules.allow(parse_network("--allow", text));
  for (const std::string& text : denied_) rules.deny(parse_network("--deny", text));
  options.access = &rules;
  if (!realm_.empty()) options.realm = checked_realm();
  if (random_route_) options.route = random_word();
}

std::string AccessOptions::checked_realm() const {
  if (accounts_.empty() && file_.empty()) {
    throw CLI::ValidationError("--auth-realm", "needs --auth or --auth-file");
  }
  try {
    http::Headers().add("WWW-Authenticate", realm_);
  } catch (const std::invalid_argument&) {
    throw CLI::ValidationError("--auth-realm", "must be one line");
  }
  return realm_;
}

std::vector<std::string> AccessOptions::doubts(const FileHandlerOptions& options,
                                               const AccessRules& rules) {
  std::vector<std::string> texts;
  for (const auto& words : rules.protected_places()) {
    std::error_code ec;
    if (std::filesystem::exists(path_of(options, words), ec)) continue;
    std::string place;
    for (const std::string& word : words) place += '/' + word;
    const std::string text = "--auth: the rule for " + printable(place) +
                             " protects nothing yet, there is no such directory";
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
  }
  return texts;
}

}  // namespace socketserver::tool
