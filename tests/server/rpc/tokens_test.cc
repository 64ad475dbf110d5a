#include "server/rpc/tokens.h"

#include <gtest/gtest.h>

#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

// printf %s open-sesame | sha256sum
constexpr const char* kSesame = "d7ecdf25eaf3deba0f2628771dbdd22d4138ab6cf38f91ed02a2ca0dec7c8ab7";

std::string TokenText(const std::string& lines) { return "[[token]]\n" + lines; }

std::string Mistakes(const std::string& text) {
  Diagnostics diagnostics;
  const auto tokens = ReadTokens(std::make_shared<SourceText>(SourceText{"tokens.toml", text}), diagnostics);
  EXPECT_EQ(tokens.has_value(), !diagnostics.HasErrors());
  return RenderText(diagnostics, false);
}

TEST(Tokens, AreFoundByWhatTheyAreNotByTheirDigest) {
  Diagnostics diagnostics;
  const auto tokens = ReadTokens(std::make_shared<SourceText>(SourceText{
                                     "t", TokenText("name = \"ci\"\nsha256 = \"" + std::string(kSesame) +
                                                    "\"\nscopes = [\"read\", \"run\"]\n"
                                                    "sources = [\"shop\"]\n")}),
                                 diagnostics);
  ASSERT_TRUE(tokens) << RenderText(diagnostics, false);
  const Token* found = tokens->Find("open-sesame");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "ci");
  EXPECT_EQ(found->scopes, (std::set<Scope>{Scope::kRead, Scope::kRun}));
  EXPECT_EQ(found->sources, std::set<std::string>{"shop"});
  EXPECT_FALSE(tokens->Find(kSesame));
  EXPECT_FALSE(tokens->Find("open-sesam"));
  EXPECT_FALSE(tokens->Find(""));
}

TEST(Tokens, AMistakeIsNamedWithItsPlace) {
  const std::string good = "name = \"ci\"\nsha256 = \"" + std::string(kSesame) + "\"\nscopes = [\"read\"]\n";
  EXPECT_EQ(Mistakes(TokenText(good)), "");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "there is no [[token]]"},
      {"[[token]\n", "tokens.toml:1"},
      {"token = 1\n", "there is no [[token]]"},
      {TokenText("sha256 = \"" + std::string(kSesame) + "\"\nscopes = [\"read\"]\n"), "no `name`"},
      {TokenText("name = \"ci\"\nscopes = [\"read\"]\n"), "no `sha256`"},
      {TokenText("name = \"ci\"\nsha256 = \"abc\"\nscopes = [\"read\"]\n"), "tokens.toml:3"},
      {TokenText("name = \"ci\"\nsha256 = \"" + std::string(64, 'g') + "\"\nscopes = [\"read\"]\n"),
       "64 hexadecimal"},
      {TokenText(
           "name = \"ci\"\nsha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n"
           "scopes = [\"read\"]\n"),
       "of nothing at all"},
      {TokenText("name = \"ci\"\nsha256 = \"" + std::string(kSesame) + "\"\n"), "no `scopes`"},
      {TokenText("name = \"ci\"\nsha256 = \"" + std::string(kSesame) + "\"\nscopes = []\n"),
       "without a scope"},
      {TokenText("name = \"ci\"\nsha256 = \"" + std::string(kSesame) + "\"\nscopes = [\"reed\"]\n"),
       "did you mean `read`"},
      {TokenText(good + "sources = []\n"), "without a source"},
      {TokenText(good + "token = \"open-sesame\"\n"), "never the token itself"},
      {TokenText(good) + TokenText(good), "a second token is called"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_NE(Mistakes(text).find(expected), std::string::npos) << text << "\n" << Mistakes(text);
  }
}

TEST(Tokens, AFileWithAMistakeIsNotLoaded) {
  const testing::TempDir dir;
  const auto loaded = LoadTokens(dir.Write("tokens.toml", "[[token]]\nname = \"ci\"\n"));
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, ErrorCode::kInvalid);
  EXPECT_NE(loaded.error().message.find("tokens.toml:1"), std::string::npos) << loaded.error().message;
  EXPECT_EQ(LoadTokens(dir.Path("absent.toml")).error().code, ErrorCode::kNotFound);
}

TEST(BearerToken, IsWhatFollowsTheScheme) {
  EXPECT_EQ(BearerToken("Bearer abc"), "abc");
  EXPECT_EQ(BearerToken("bearer  abc"), "abc");
  EXPECT_EQ(BearerToken("Bearer "), std::nullopt);
  EXPECT_EQ(BearerToken("Bearer"), std::nullopt);
  EXPECT_EQ(BearerToken("Basic abc"), std::nullopt);
  EXPECT_EQ(BearerToken(""), std::nullopt);
}

}  // namespace
}  // namespace amont
