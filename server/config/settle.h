// Settling: each declaration file stands alone. A file with a mistake keeps the text that was last accepted
// of it, or is left out where there is none; all others apply.
//
// Pure: texts in, a configuration out. Whoever calls remembers what was accepted.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/config/config.h"

namespace amont {

// Declaration files by path.
using FileTexts = std::map<std::string, std::shared_ptr<const SourceText>>;

struct InvalidFile {
  std::string path;
  std::string reason;  // "checks/orders.toml:12:3: unknown key `colum`", its first mistake
  bool kept = false;   // its last accepted text applies; false: nothing of it does
};

struct Settled {
  Config config;                     // its declarations come from `texts`
  FileTexts texts;                   // what applies: to be remembered as accepted
  std::vector<InvalidFile> invalid;  // by path
};

// Takes what LoadConfig gave: `config`, and the diagnostics it added. Fails with kInvalid, the first mistake
// as its message, where amont.toml itself is wrong: then nothing of the new configuration may be used.
Result<Settled> Settle(Config config, const Diagnostics& diagnostics, const FileTexts& accepted);

}  // namespace amont
