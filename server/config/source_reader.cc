#include "server/config/source_reader.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "core/quoted.h"
#include "core/zone.h"
#include "server/config/password.h"

namespace amont {
namespace {

constexpr int64_t kConnectionsMax = 100;  // a typing mistake rather than a wish

class SourceReader {
 public:
  SourceReader(const std::string& name, const TomlNode& node, Secrets secrets, const Config& config,
               Diagnostics& diagnostics)
      : reader_(node, fmt::format("[source.{}]", QuotePart(name)), diagnostics),
        secrets_(secrets),
        config_(config),
        diagnostics_(diagnostics) {
    source_.name = name;
    source_.declared_at = node.span;
    settings_.declared_at = node.span;
    settings_.connect.name = name;
    settings_.connect.directory = config.directory;
  }

  std::pair<SourceConfig, Source> Read() {
    ReadUrl();
    ReadPassword();
    ReadTables();
    ReadZone();
    if (source_.engine == Engine::kDuckdb) settings_.connections = limits::kDuckdbConnections;
    settings_.connections =
        static_cast<int>(InRange("connections", settings_.connections, 1, kConnectionsMax));
    settings_.max_scan_rows = InRange("max_scan_rows", settings_.max_scan_rows, 0, INT64_MAX);
    settings_.connect.statement_timeout =
        reader_.DurationOf("statement_timeout").value_or(limits::kStatementTimeout);
    if (settings_.connect.statement_timeout <= Duration{0}) {
      diagnostics_.Error(reader_.Place("statement_timeout"),
                         "`statement_timeout` must be longer than nothing");
    }
    source_.pii = reader_.Strings("pii").value_or(std::vector<std::string>());
    reader_.RejectUnknown();
    return {std::move(settings_), std::move(source_)};
  }

 private:
  void ReadUrl() {
    if (reader_.Find("url") == nullptr) {
      diagnostics_.Error(reader_.span(), "the source has no `url`",
                         "postgresql://USER@HOST/DATABASE, duckdb:, duckdb:FILE or sqlite:FILE");
      return;
    }
    const std::optional<std::string> url = reader_.String("url");
    if (!url) return;
    source_.url = MaskUrl(*url);
    settings_.connect.url = *url;
    const Result<Engine> engine = EngineOf(*url);
    if (!engine) {
      diagnostics_.Error(reader_.Place("url"), engine.error().message);
      return;
    }
    source_.engine = *engine;
    engine_ = *engine;
  }

  void ReadPassword() {
    const bool none = engine_ && *engine_ != Engine::kPostgres;
    settings_.connect.password =
        ReadPasswordFile(reader_, config_.directory, none ? "only a PostgreSQL source has a password" : "",
                         secrets_, diagnostics_);
  }

  void ReadTables() {
    const TomlEntry* entry = reader_.Find("tables");
    if (entry == nullptr) return;
    if (engine_ && *engine_ != Engine::kDuckdb) {
      diagnostics_.Error(entry->key.span, "only a duckdb: source reads files as tables");
      return;
    }
    const TomlNode::Table* tables = entry->node.AsTable();
    if (tables == nullptr) {
      diagnostics_.Error(entry->node.span, fmt::format("`tables` must be a table such as {{ flights = "
                                                       "\"data/flights-*.parquet\" }}, not {}",
                                                       entry->node.KindName()));
      return;
    }
    for (const TomlEntry& table : *tables) {
      const std::string* glob = table.node.AsString();
      if (glob == nullptr || glob->empty()) {
        diagnostics_.Error(table.node.span, fmt::format("{} must be the path or pattern of its files",
                                                        Quoted(table.key.name)));
        continue;
      }
      const std::filesystem::path path = std::filesystem::path(config_.directory) / *glob;
      source_.files[table.key.name] = path.lexically_normal().string();
    }
    settings_.connect.files = source_.files;
  }

  void ReadZone() {
    const std::optional<std::string> name = reader_.String("timezone");
    if (!name) return;
    const Result<Zone> zone = Zone::Load(*name);
    if (!zone) {
      diagnostics_.Error(reader_.Place("timezone"), zone.error().message);
      return;
    }
    source_.zone = *zone;
    settings_.connect.zone = *zone;
  }

  int64_t InRange(std::string_view key, int64_t fallback, int64_t least, int64_t most) {
    const std::optional<int64_t> number = reader_.Integer(key);
    if (!number) return fallback;
    if (*number >= least && *number <= most) return *number;
    diagnostics_.Error(reader_.Place(key), most == INT64_MAX
                                               ? fmt::format("`{}` must be at least {}", key, least)
                                               : fmt::format("`{}` must be from {} to {}", key, least, most));
    return fallback;
  }

  TomlReader reader_;
  Secrets secrets_;
  const Config& config_;
  Diagnostics& diagnostics_;
  std::optional<Engine> engine_;
  SourceConfig settings_;
  Source source_;
};

}  // namespace

void ReadSource(const std::string& name, const TomlNode& node, Secrets secrets, Config& config,
                Diagnostics& diagnostics) {
  auto [settings, source] = SourceReader(name, node, secrets, config, diagnostics).Read();
  config.sources.emplace(name, std::move(settings));
  config.surroundings.sources.emplace(name, std::move(source));
}

}  // namespace amont
