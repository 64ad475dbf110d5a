#include "server/rpc/tokens.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "core/file.h"
#include "core/limits.h"
#include "core/quoted.h"
#include "core/toml_reader.h"

namespace amont {

namespace {

constexpr std::array<Scope, 5> kScopes = {Scope::kRead, Scope::kRun, Scope::kIncidents, Scope::kLineage,
                                          Scope::kAdmin};

std::array<unsigned char, 32> Digest(std::string_view text) {
  std::array<unsigned char, 32> digest = {};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

std::optional<std::array<unsigned char, 32>> ReadHex(std::string_view text) {
  std::array<unsigned char, 32> digest = {};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto letter = static_cast<unsigned char>(text[i]);
    if (!std::isxdigit(letter)) return std::nullopt;
    const int value = std::isdigit(letter) ? letter - '0' : std::tolower(letter) - 'a' + 10;
    digest[i / 2] = static_cast<unsigned char>(digest[i / 2] << 4 | value);
  }
  return digest;
}

class TokenReader {
 public:
  TokenReader(const TomlNode& node, Diagnostics& diagnostics)
      : reader_(node, "[[token]]", diagnostics), diagnostics_(diagnostics) {}

  Token Read() {
    Token token;
    ReadName(token);
    ReadDigest(token);
    ReadScopes(token);
    if (auto sources = reader_.Strings("sources")) {
      token.sources = {sources->begin(), sources->end()};
      if (token.sources.empty()) {
        diagnostics_.Error(reader_.Place("sources"), "a token without a source may do nothing",
                           "leave `sources` out for all of them");
      }
    }
    reader_.RejectUnknown([](std::string_view key) -> std::string {
      return key == "token" || key == "secret" ? "only its `sha256` stands here, never the token itself" : "";
    });
    return token;
  }

 private:
  void ReadName(Token& token) {
    const bool there = reader_.Find("name") != nullptr;
    if (auto name = reader_.String("name")) token.name = *name;
    if (!there)
      diagnostics_.Error(reader_.span(), "this token has no `name`", "the log names it at every write");
    if (there && token.name.empty()) diagnostics_.Error(reader_.Place("name"), "a name has letters");
  }

  void ReadDigest(Token& token) {
    const bool there = reader_.Find("sha256") != nullptr;
    const auto text = reader_.String("sha256");
    if (!there)
      diagnostics_.Error(reader_.span(), "this token has no `sha256`", "printf %s TOKEN | sha256sum");
    if (!text) return;
    const auto digest = ReadHex(*text);
    if (!digest) {
      diagnostics_.Error(reader_.Place("sha256"), "a SHA-256 is 64 hexadecimal digits",
                         "printf %s TOKEN | sha256sum");
    } else if (*digest == Digest("")) {
      diagnostics_.Error(reader_.Place("sha256"), "this is the SHA-256 of nothing at all",
                         "printf %s TOKEN | sha256sum");
    } else {
      token.digest = *digest;
    }
  }

  void ReadScopes(Token& token) {
    std::vector<std::string> known;
    for (const Scope scope : kScopes) known.emplace_back(ToString(scope));
    const auto words = reader_.Strings("scopes");
    if (!reader_.Find("scopes")) {
      diagnostics_.Error(reader_.span(), "this token has no `scopes`",
                         fmt::format("{}", fmt::join(known, " ")));
    }
    if (!words) return;
    if (words->empty()) diagnostics_.Error(reader_.Place("scopes"), "a token without a scope may do nothing");
    for (const std::string& word : *words) {
      const auto scope = std::find(known.begin(), known.end(), word);
      if (scope == known.end()) {
        const std::string hint = DidYouMean(word, known);
        diagnostics_.Error(reader_.Place("scopes"), fmt::format("unknown scope {}", Quoted(word)),
                           hint.empty() ? fmt::format("{}", fmt::join(known, " ")) : hint);
      } else {
        token.scopes.insert(kScopes[static_cast<size_t>(scope - known.begin())]);
      }
    }
  }

  TomlReader reader_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::string_view ToString(Scope scope) {
  switch (scope) {
    case Scope::kRead:
      return "read";
    case Scope::kRun:
      return "run";
    case Scope::kIncidents:
      return "incidents";
    case Scope::kLineage:
      return "lineage";
    case Scope::kAdmin:
      return "admin";
  }
  return "";
}

const Token* Tokens::Find(std::string_view presented) const {
  const auto digest = Digest(presented);
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (CRYPTO_memcmp(token.digest.data(), digest.data(), digest.size()) == 0) found = &token;
  }
  return found;
}

std::optional<Tokens> ReadTokens(std::shared_ptr<const SourceText> file, Diagnostics& diagnostics) {
  Diagnostics found;
  const auto root = ParseToml(std::move(file), found);
  std::vector<Token> tokens;
  if (root) {
    TomlReader reader(*root, "the tokens file", found);
    const TomlEntry* entry = reader.Find("token");
    const TomlNode::Array* list = entry ? entry->node.AsArray() : nullptr;
    if (!list) found.Error(reader.Place("token"), "there is no [[token]]: nobody could call");
    for (const TomlNode& node : list ? *list : TomlNode::Array()) {
      if (!node.AsTable()) {
        found.Error(node.span, "a token is a table: [[token]]");
        continue;
      }
      Token token = TokenReader(node, found).Read();
      for (const Token& other : tokens) {
        if (!token.name.empty() && other.name == token.name) {
          found.Error(node.span, fmt::format("a second token is called {}", Quoted(token.name)));
        }
        if (token.digest != Token().digest && other.digest == token.digest) {
          found.Error(node.span,
                      fmt::format("{} and {} are the same token", Quoted(other.name), Quoted(token.name)));
        }
      }
      tokens.push_back(std::move(token));
    }
    reader.RejectUnknown();
  }
  const bool bad = found.HasErrors();
  diagnostics.Append(std::move(found));
  if (bad) return std::nullopt;
  return Tokens(std::move(tokens));
}

Result<std::shared_ptr<const Tokens>> LoadTokens(const std::string& path) {
  AMONT_TRY(std::string text, ReadFile(path, limits::kTokensBytesMax));
  Diagnostics diagnostics;
  auto tokens = ReadTokens(std::make_shared<SourceText>(SourceText{path, std::move(text)}), diagnostics);
  if (tokens) return std::make_shared<const Tokens>(std::move(*tokens));
  diagnostics.Sort();
  for (const Diagnostic& first : diagnostics.list()) {
    if (first.severity != Diagnostic::Severity::kError) continue;
    return MakeError(ErrorCode::kInvalid, fmt::format("{}: {}{}{}", first.span.ToString(), first.message,
                                                      first.hint.empty() ? "" : "; ", first.hint));
  }
  return MakeError(ErrorCode::kInvalid, path + ": not a tokens file");
}

std::optional<std::string_view> BearerToken(std::string_view header) {
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() <= kScheme.size()) return std::nullopt;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(header[i])) != kScheme[i]) return std::nullopt;
  }
  header.remove_prefix(kScheme.size());
  while (header.starts_with(' ')) header.remove_prefix(1);
  if (header.empty()) return std::nullopt;
  return header;
}

}  // namespace amont
