#include "passwords.hpp"

#include <crypt.h>

#include <memory>
#include <stdexcept>

#include <socketserver/base/offload.hpp>

namespace socketserver::tool {
namespace {

constexpr std::chrono::seconds kRemembered(60);

/// The hash of a password with the salt and the cost of another one; "" when it cannot be had.
std::string hash_like(const std::string& hash, const std::string& password) {
  // 32 KiB, more than the stack of a fiber should bear.
  const auto data = std::make_unique<crypt_data>();
  const char* const text = ::crypt_r(password.c_str(), hash.c_str(), data.get());
  return text == nullptr || *text == '*' ? std::string() : std::string(text);
}

/// Throws unless crypt(3) knows the hash and nobody warns of it.
void require_hash(const std::string& text) {
  if (text.starts_with("$apr1$")) {
    throw std::invalid_argument("apr1 (MD5) hashes are not supported: use htpasswd -B");
  }
  if (text.starts_with("{SHA}")) {
    throw std::invalid_argument("SHA-1 hashes are not supported: use htpasswd -B");
  }
  if (!text.starts_with('$')) {
    throw std::invalid_argument("passwords must be hashed: use htpasswd -B");
  }
  if (::crypt_checksalt(text.c_str()) != CRYPT_SALT_OK ||
      hash_like(text, "").size() != text.size()) {
    throw std::invalid_argument("not a hash that can be verified: use htpasswd -B");
  }
}

}  // namespace

void Passwords::add(const std::string& user, std::string_view text, Form form) {
  Secret secret{.text = std::string(text), .is_hash = form == Form::hash};
  if (form == Form::clear_or_hash && text.starts_with('$') && text.find('$', 1) != text.npos) {
    secret.is_hash = ::crypt_checksalt(secret.text.c_str()) == CRYPT_SALT_OK;
  }
  if (secret.is_hash) require_hash(secret.text);
  if (!secret.is_hash && text.empty()) {
    throw std::invalid_argument("the password of " + user + " is empty");
  }
  const auto [known, is_new] = secrets_.emplace(user, secret);
  if (!is_new && known->second.text != secret.text) {
    throw std::invalid_argument(user + " has two passwords");
  }
  if (!decoy_.is_hash) decoy_ = secret;
}

bool Passwords::verify(const std::string& user, std::string_view password) const {
  const auto known = secrets_.find(user);
  const bool is_known = known != secrets_.end();
  const Secret& secret = is_known ? known->second : decoy_;
  if (!secret.is_hash) return equals_secretly(secret.text, password) && is_known;
  if (is_proven(user, password)) return true;
  const std::string hash = offload([&] { return hash_like(secret.text, std::string(password)); });
  if (!equals_secretly(secret.text, hash) || !is_known) return false;
  remember(user, password);
  return true;
}

bool Passwords::is_proven(const std::string& user, std::string_view password) const {
  const detail::ThreadLock lock(mutex_);
  const auto proven = proven_.find(user);
  return proven != proven_.end() && std::chrono::steady_clock::now() < proven->second.until &&
         equals_secretly(proven->second.password, password);
}

void Passwords::remember(const std::string& user, std::string_view password) const {
  const detail::ThreadLock lock(mutex_);
  proven_[user] = {.password = std::string(password),
                   .until = std::chrono::steady_clock::now() + kRemembered};
}

bool equals_secretly(std::string_view secret, std::string_view given) noexcept {
  if (secret.empty()) return given.empty();
  // How long it takes depends on what was given alone.
  unsigned difference = secret.size() == given.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(secret[i % secret.size()] ^ given[i]);
  }
  const volatile unsigned result = difference;
  return result == 0;
}

}  // namespace socketserver::tool
