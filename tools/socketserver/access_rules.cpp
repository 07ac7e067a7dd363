#include "access_rules.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/target.hpp>
#include <socketserver/http/proto/text.hpp>

namespace socketserver::tool {
namespace {

/// Takes ":ro" or ":rw" off the end of a path; true: `rw`, which it is without, too.
bool take_mode(std::string_view& path) {
  constexpr std::size_t kSize = 3;
  const bool reads_only = path.ends_with(":ro");
  if (reads_only || path.ends_with(":rw")) path.remove_suffix(kSize);
  return !reads_only;
}

}  // namespace

void AccessRules::add_account(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0) {
    // What was meant for a password is not repeated: it would end up in logs.
    throw std::invalid_argument("must be USER:PASS[@/PATH[:ro|:rw]]");
  }
  Rule rule{.user = std::string(text.substr(0, colon)), .place = {}};
  std::string_view secret = text.substr(colon + 1);
  if (const std::size_t at = secret.rfind("@/"); at != secret.npos) {
    std::string_view path = secret.substr(at + 1);
    secret = secret.substr(0, at);
    rule.writes = take_mode(path);
    const auto place = http::resolve_target(http::percent_encode_path(path));
    if (!place) throw std::invalid_argument("a path cannot have a NUL");
    rule.place = place->words;
  }
  passwords_.add(rule.user, secret, Passwords::Form::clear_or_hash);
  rules_.push_back(std::move(rule));
}

void AccessRules::add_file(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw_os_error(last_error(), "open " + file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    const auto where = [&] { return file + " line " + std::to_string(number) + ": "; };
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) {
      throw std::invalid_argument(where() + "must be USER:HASH");
    }
    const std::string user = line.substr(0, colon);
    // htpasswd(5) has room for comments behind a second colon, which no hash has.
    std::string hash = line.substr(colon + 1);
    hash.resize(std::min(hash.find(':'), hash.size()));
    try {
      passwords_.add(user, hash, Passwords::Form::hash);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(where() + error.what());
    }
    rules_.push_back({.user = user, .place = {}});
  }
  if (in.bad()) throw_os_error(std::make_error_code(std::errc::io_error), "read " + file);
}

bool AccessRules::admits(const Address& client) const {
  if (client.ip_bytes().empty()) return true;
  if (contains(denied_, client)) return false;
  return allowed_.empty() || contains(allowed_, client);
}

AccessRules::Verdict AccessRules::judge(
    std::span<const std::string> words, bool writes,
    const std::optional<http::BasicCredentials>& credentials) const {
  if (!protects(words)) return Verdict::open;
  if (!credentials || !passwords_.verify(credentials->user, credentials->password)) {
    return Verdict::unproven;
  }
  const bool granted = std::ranges::any_of(rules_, [&](const Rule& rule) {
    return http::covers(rule.place, words) && rule.user == credentials->user &&
           (rule.writes || !writes);
  });
  return granted ? Verdict::granted : Verdict::forbidden;
}

bool AccessRules::protects(std::span<const std::string> words) const {
  return std::ranges::any_of(rules_,
                             [&](const Rule& rule) { return http::covers(rule.place, words); });
}

std::vector<std::vector<std::string>> AccessRules::protected_places() const {
  std::vector<std::vector<std::string>> places;
  places.reserve(rules_.size());
  for (const Rule& rule : rules_) places.push_back(rule.place);
  return places;
}

bool may_pass(AccessRules::Verdict verdict) {
  return verdict == AccessRules::Verdict::open || verdict == AccessRules::Verdict::granted;
}

}  // namespace socketserver::tool
