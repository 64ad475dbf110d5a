// Selection: which checks a command is about: TABLE arguments, --tag, --owner, --source. Values; pure.
//
// A TABLE is `schema.table`, `source/schema.table`, a pattern of these with `*`, or the id of one check.
// Within one flag any may match; different flags must all match. An empty selection selects everything.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checks/check.h"
#include "checks/declare/declarations.h"
#include "core/result.h"

namespace amont {

struct Selection {
  std::vector<std::string> tables;
  std::vector<std::string> tags;
  std::vector<std::string> owners;
  std::vector<std::string> sources;

  bool empty() const { return tables.empty() && tags.empty() && owners.empty() && sources.empty(); }
  bool Selects(const Check& check) const;
};

// The first of the selection's words that matches none of these checks, with what may have been meant; or
// that all of them match some, but together none. nullopt where the selection selects something.
std::optional<Error> FindIdleWord(const Selection& selection, std::span<const CheckPtr> checks);

// The same before anything was asked of a catalog: where there are wildcards, words that their tables could
// still match are given the benefit of the doubt, and only sources are known for sure.
std::optional<Error> FindIdleWord(const Selection& selection, const Declarations& declarations);

// The sources that the selection may be about, sorted: those of checks it selects and of wildcards that may
// give some.
std::vector<std::string> SourcesOf(const Selection& selection, const Declarations& declarations);

}  // namespace amont
