#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "passwords.hpp"

namespace socketserver::tool {
namespace {

// "secret", as htpasswd -B writes it, with the least cost and with more of it.
constexpr const char* kBcrypt = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
constexpr const char* kSlowBcrypt = "$2y$11$abcdefghijklmnopqrstuuViuGI07N4McP9Kl.tD6XMEzyuvcY8LG";

std::chrono::nanoseconds time_of(const Passwords& passwords, const std::string& user,
                                 const std::string& password, bool expected) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(passwords.verify(user, password), expected);
  return std::chrono::steady_clock::now() - start;
}

TEST(Passwords, clear_and_hashed) {
  Passwords passwords;
  passwords.add("anna", "secret", Passwords::Form::clear_or_hash);
  passwords.add("bob", kBcrypt, Passwords::Form::clear_or_hash);
  passwords.add("carl", kBcrypt, Passwords::Form::hash);
  for (const char* user : {"anna", "bob", "carl"}) {
    for (int again = 0; again < 2; ++again) {
      EXPECT_TRUE(passwords.verify(user, "secret")) << user;
      EXPECT_FALSE(passwords.verify(user, "Secret")) << user;
      EXPECT_FALSE(passwords.verify(user, "secret2")) << user;
      EXPECT_FALSE(passwords.verify(user, "")) << user;
    }
    EXPECT_FALSE(passwords.verify(user, kBcrypt)) << "a hash is no password";
  }
  EXPECT_FALSE(passwords.verify("dora", "secret"));
  EXPECT_FALSE(passwords.verify("", ""));
}

TEST(Passwords, what_was_right_is_remembered) {
  Passwords passwords;
  passwords.add("anna", kSlowBcrypt, Passwords::Form::hash);
  const auto first = time_of(passwords, "anna", "secret", true);
  const auto again = time_of(passwords, "anna", "secret", true);
  EXPECT_LT(again * 10, first);
  EXPECT_FALSE(passwords.verify("anna", "secret2"));
}

TEST(Passwords, to_be_unknown_takes_as_long_as_to_be_wrong) {
  Passwords passwords;
  passwords.add("anna", kSlowBcrypt, Passwords::Form::hash);
  const auto wrong = time_of(passwords, "anna", "x", false);
  const auto unknown = time_of(passwords, "bob", "x", false);
  // By far not as little as it would without the work.
  EXPECT_GT(unknown * 10, wrong);
  EXPECT_GT(wrong * 10, unknown);
}

TEST(Passwords, hashes_that_cannot_be_verified) {
  Passwords passwords;
  for (const char* hash : {"", "secret", "$apr1$abcdefgh$xxxxxxxxxxxxxxxxxxxxxx",
                           "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "$2y$05$tooshort",
                           "$1$saltsalt$xxxxxxxxxxxxxxxxxxxxxx", "$9$x$y", "abJnggxhB/yWI"}) {
    EXPECT_THROW(passwords.add("anna", hash, Passwords::Form::hash), std::invalid_argument) << hash;
  }
}

TEST(Passwords, comparing_secretly) {
  EXPECT_TRUE(equals_secretly("", ""));
  EXPECT_TRUE(equals_secretly("abc", "abc"));
  for (const char* given : {"", "a", "ab", "abd", "abcabc", "abcd", "xbc"}) {
    EXPECT_FALSE(equals_secretly("abc", given)) << given;
  }
  EXPECT_FALSE(equals_secretly("", "a"));
}

}  // namespace
}  // namespace socketserver::tool
