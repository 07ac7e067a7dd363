#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::tool {

/// The passwords of users, as clear text or as hashes of crypt(3): bcrypt (`$2b$`, `$2y$`), SHA-512
/// (`$6$`), SHA-256 (`$5$`), yescrypt (`$y$`).
///
/// A hash is slow on purpose. So what was right is remembered for a minute, and under fibers a
/// helper thread does the work. To be wrong takes as long as to be right, and so does to be unknown
/// where there are hashes.
///
/// Thread safety: once filled, any thread may verify.
class Passwords {
 public:
  enum class Form {
    clear_or_hash,  ///< What looks like a hash is one.
    hash,           ///< Nothing else will do.
  };

  /// @throws std::invalid_argument when the secret is no hash that can be verified, or the user has
  ///         another secret already.
  void add(const std::string& user, std::string_view secret, Form form);

  /// Whether the password is the user's. Waits for the hash.
  bool verify(const std::string& user, std::string_view password) const;

 private:
  struct Secret {
    std::string text;
    bool is_hash = false;
  };
  struct Proven {
    std::string password;
    std::chrono::steady_clock::time_point until;
  };

  bool is_proven(const std::string& user, std::string_view password) const;
  void remember(const std::string& user, std::string_view password) const;

  std::map<std::string, Secret, std::less<>> secrets_;
  Secret decoy_;  // what an unknown user's password is compared with
  mutable detail::ThreadMutex mutex_;
  mutable std::map<std::string, Proven, std::less<>> proven_ SOCKETSERVER_GUARDED_BY(mutex_);
};

/// Compares in a time that tells nothing of `secret` but that it is none.
bool equals_secretly(std::string_view secret, std::string_view given) noexcept;

}  // namespace socketserver::tool
