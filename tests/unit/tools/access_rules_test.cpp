#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "access_rules.hpp"

namespace socketserver::tool {
namespace {

using Verdict = AccessRules::Verdict;
using Words = std::vector<std::string>;

Verdict judge(const AccessRules& rules, const Words& words, const std::string& user,
              const std::string& password, bool writes = false) {
  return rules.judge(words, writes, http::BasicCredentials{user, password});
}

TEST(AccessRules, without_accounts_everything_is_open) {
  const AccessRules rules;
  EXPECT_FALSE(rules.has_accounts());
  EXPECT_EQ(rules.judge(Words{"a"}, true, std::nullopt), Verdict::open);
}

TEST(AccessRules, an_account_protects_its_directory) {
  AccessRules rules;
  rules.add_account("anna:x@/a/b");
  EXPECT_EQ(rules.judge(Words{"a"}, false, std::nullopt), Verdict::open);
  EXPECT_EQ(rules.judge(Words{"a", "bc"}, false, std::nullopt), Verdict::open);
  EXPECT_EQ(rules.judge(Words{"a", "b"}, false, std::nullopt), Verdict::unproven);
  EXPECT_EQ(rules.judge(Words{"a", "b", "c"}, false, std::nullopt), Verdict::unproven);
  EXPECT_EQ(judge(rules, {"a", "b", "c"}, "anna", "x"), Verdict::granted);
  EXPECT_EQ(judge(rules, {"a", "b", "c"}, "anna", "y"), Verdict::unproven);
}

TEST(AccessRules, rules_of_one_user_add_up) {
  AccessRules rules;
  rules.add_account("anna:x@/a:ro");
  rules.add_account("anna:x@/a/b:rw");
  rules.add_account("bob:y");
  EXPECT_EQ(judge(rules, {"a"}, "anna", "x"), Verdict::granted);
  EXPECT_EQ(judge(rules, {"a"}, "anna", "x", true), Verdict::forbidden);
  EXPECT_EQ(judge(rules, {"a", "b"}, "anna", "x", true), Verdict::granted);
  EXPECT_EQ(judge(rules, {"c"}, "anna", "x"), Verdict::forbidden);
  EXPECT_EQ(judge(rules, {"a", "b"}, "bob", "y", true), Verdict::granted);
}

TEST(AccessRules, passwords_may_have_any_character) {
  AccessRules rules;
  rules.add_account("a:p@ss:w/rd");
  rules.add_account("b:p@/x@/y:rw");
  rules.add_account("c:$5$ is no hash");
  EXPECT_EQ(judge(rules, {}, "a", "p@ss:w/rd"), Verdict::granted);
  EXPECT_EQ(judge(rules, {"y"}, "b", "p@/x"), Verdict::granted);
  EXPECT_EQ(judge(rules, {}, "c", "$5$ is no hash"), Verdict::granted);
}

TEST(AccessRules, what_makes_no_sense) {
  AccessRules rules;
  for (const char* text : {"", "anna", ":x", "anna:", "anna:@/a"}) {
    EXPECT_THROW(rules.add_account(text), std::invalid_argument) << text;
  }
  rules.add_account("anna:x");
  EXPECT_THROW(rules.add_account("anna:y@/a"), std::invalid_argument);
}

TEST(AccessRules, networks) {
  AccessRules rules;
  const Address inside("10.1.2.3", 1);
  const Address outside("192.0.2.1", 1);
  EXPECT_TRUE(rules.admits(inside));
  rules.deny(*Network::parse("10.1.0.0/16"));
  EXPECT_FALSE(rules.admits(inside));
  EXPECT_TRUE(rules.admits(outside));
  rules.allow(*Network::parse("10.0.0.0/8"));
  EXPECT_FALSE(rules.admits(inside));
  EXPECT_FALSE(rules.admits(outside));
  EXPECT_TRUE(rules.admits(Address("10.2.0.0", 1)));
  EXPECT_TRUE(rules.admits(Address::unix_path("")));
}

}  // namespace
}  // namespace socketserver::tool
