// Config: amont.toml, read whole: sources, owners, calendars, defaults, the store, and the declarations its
// globs find.
//
// A value, immutable once loaded. `${NAME}` in any string of amont.toml (not of declaration files) becomes
// the environment's NAME; whoever does not connect needs neither it nor a password file. Mistakes go to
// Diagnostics, each with its place, and the rest is read all the same; passwords written in a URL are masked
// in every place a diagnostic could print. Only a file that is not there is an Error.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checks/declare/declarations.h"
#include "core/diagnostic.h"
#include "core/limits.h"
#include "core/result.h"
#include "core/sql/connection.h"
#include "server/config/lineage_config.h"
#include "server/config/serve.h"

namespace amont {

// The value of an environment variable, or nullopt where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment ProcessEnvironment();

// How a source is reached and how hard it may be asked.
struct SourceConfig {
  ConnectOptions connect;
  int connections = limits::kConnections;
  int64_t max_scan_rows = limits::kMaxScanRows;  // 0: off
  Span declared_at;
};

struct StoreConfig {
  std::string url = "sqlite:amont.db";  // a relative file is relative to amont.toml; absolute once loaded
  std::string password;                 // of postgresql://…; empty: libpq's own ways
  bool declared = false;                // amont.toml has a [store]
  Duration keep_measurements = std::chrono::days(400);
  Duration keep_verdicts = std::chrono::days(90);
  Duration keep_events = std::chrono::days(30);
  Duration lease = limits::kLease;  // how long a leader may be silent before another takes over
};

struct Config {
  std::string path;                        // as given
  std::shared_ptr<const SourceText> text;  // of amont.toml, as written: never to be printed
  std::string directory;                   // where it lies, absolute: what relative paths are relative to
  std::map<std::string, SourceConfig> sources;
  Surroundings surroundings;
  StoreConfig store;
  ServeConfig serve;
  LineageConfig lineage;
  std::vector<std::shared_ptr<const SourceText>> files;  // of declarations, sorted by path
  Declarations declarations;
};

// Whether it is a mistake that an environment variable is not set, or a password file cannot be read.
// kOptional: a warning; the configuration is good for reading, not for connecting.
enum class Secrets { kNeeded, kOptional };

// kNotFound, kPermission …: `path` itself cannot be read. Everything else is in `diagnostics`; with errors
// there, what is returned is incomplete and fit for showing only.
Result<Config> LoadConfig(const std::string& path, const Environment& environment, Diagnostics& diagnostics,
                          Secrets secrets = Secrets::kNeeded);
// The same with `text` for what stands in `path`.
Result<Config> ParseConfig(const std::string& path, std::string text, const Environment& environment,
                           Diagnostics& diagnostics, Secrets secrets = Secrets::kNeeded);

}  // namespace amont
