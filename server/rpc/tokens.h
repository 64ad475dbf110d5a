// Tokens: who may call, and what: the tokens file, read. Only digests are ever kept.
//
//   [[token]]
//   name    = "grafana"                 # stands in the log at every write
//   sha256  = "5e88…"                   # of the token: printf %s TOKEN | sha256sum
//   scopes  = ["read"]                  # read run incidents lineage admin; none implies another
//   sources = ["warehouse"]             # only these; left out: all
//
// Values, immutable: a reload makes new ones. Mistakes are diagnostics, each with its place; a file with one
// is not used at all.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/result.h"

namespace amont {

enum class Scope { kRead, kRun, kIncidents, kLineage, kAdmin };
std::string_view ToString(Scope scope);

struct Token {
  std::string name;
  std::array<unsigned char, 32> digest = {};
  std::set<Scope> scopes;
  std::set<std::string> sources;  // empty: all
};

class Tokens {
 public:
  explicit Tokens(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  // The token that `presented` is, or null. Takes the same time whichever it is, and if it is none.
  const Token* Find(std::string_view presented) const;
  size_t size() const { return tokens_.size(); }

 private:
  std::vector<Token> tokens_;
};

// nullopt where a diagnostic is an error.
std::optional<Tokens> ReadTokens(std::shared_ptr<const SourceText> file, Diagnostics& diagnostics);
// Of the file at `path`: the first mistake as one Error, with its line.
Result<std::shared_ptr<const Tokens>> LoadTokens(const std::string& path);

// Of a header `authorization`: what follows "Bearer ", or nullopt where it is nothing of the kind.
std::optional<std::string_view> BearerToken(std::string_view header);

}  // namespace amont
