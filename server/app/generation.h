// Generation: one configuration in force, with what it takes to reach its sources. Immutable once published;
// runs keep theirs until they end, so a reload never pulls anything from under them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "server/app/drive.h"
#include "server/config/settle.h"
#include "server/executor/canceller.h"

namespace amont {

struct Generation {
  int64_t number = 0;  // grows with each reload
  Config config;       // settled
  Declarations named;  // of `config`, without its wildcards
  std::vector<InvalidFile> invalid;
  std::map<std::string, std::shared_ptr<SourceAccess>> sources;  // shared by generations that reach it alike

  // The declared and expanded checks' sources, as Drive takes them.
  std::map<std::string, SourceAccess*> Access(const std::vector<std::string>& names) const;
};

// `before`: what is in force, null at the start.
std::shared_ptr<const Generation> NextGeneration(Settled settled, const Generation* before,
                                                 Canceller& canceller);

}  // namespace amont
