#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/proto/basic_credentials.hpp>
#include <socketserver/net/network.hpp>

#include "passwords.hpp"

namespace socketserver::tool {

/// Who may have what: accounts with the directories that they open, and networks.
///
/// A directory that some account has a rule for is protected: nobody gets what is below it but the
/// accounts whose rules cover it. Everything else is open to all.
///
/// Thread safety: once filled, any thread may ask.
class AccessRules {
 public:
  /// What becomes of a request.
  enum class Verdict {
    open,       ///< Nobody has to be anybody.
    granted,    ///< The credentials are right.
    unproven,   ///< 401: nobody has said who they are, or not proved it.
    forbidden,  ///< 403: this one may not.
  };

  /// Adds "USER:PASS[@/PATH[:ro|:rw]]", as the command line has it. PASS may be a hash of crypt(3).
  ///
  /// @throws std::invalid_argument saying what is wrong.
  void add_account(std::string_view text);

  /// Adds what a file of htpasswd(1) has: "USER:HASH" a line. Each of them opens everything.
  ///
  /// @throws OSError "open FILE"; std::invalid_argument naming the line that makes no sense.
  void add_file(const std::string& file);

  /// Addresses of `allowed` are served, and no others if there are any; those of `denied` are not
  /// in any case. A client of a Unix socket has no address and passes: its file has permissions.
  void allow(const Network& network) { allowed_.push_back(network); }
  void deny(const Network& network) { denied_.push_back(network); }

  /// Whether the client's address may be served at all.
  bool admits(const Address& client) const;

  /// Whether what `words` name, from the root down, may be had by who has these credentials.
  ///
  /// @param writes  whether the request changes something.
  Verdict judge(std::span<const std::string> words, bool writes,
                const std::optional<http::BasicCredentials>& credentials) const;

  /// Whether nobody gets, or changes, what is at this place or below without an account.
  bool protects(std::span<const std::string> words) const;

  /// Whether there is any account.
  bool has_accounts() const { return !rules_.empty(); }

  /// The directories that rules protect, each from the root down.
  std::vector<std::vector<std::string>> protected_places() const;

 private:
  struct Rule {
    std::string user;
    std::vector<std::string> place;
    bool writes = true;
  };

  Passwords passwords_;
  std::vector<Rule> rules_;
  std::vector<Network> allowed_;
  std::vector<Network> denied_;
};

/// Whether that is the verdict on a request that is to be served.
bool may_pass(AccessRules::Verdict verdict);

}  // namespace socketserver::tool
