#include "server/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>

#include "core/file.h"
#include "core/quoted.h"
#include "server/config/environment.h"
#include "server/config/name_reader.h"
#include "server/config/password.h"
#include "server/config/source_reader.h"

namespace amont {
namespace {

constexpr std::string_view kDefaultGlob = "checks/**/*.toml";

std::string WhereKeyBelongs(std::string_view key) {
  if (key == "table" || key == "tables")
    return "[[table]] belongs to a declaration file, such as checks/orders.toml";
  if (key == "alertmanager") return "it comes with a later release";
  if (key == "sources") return "did you mean [source.NAME]?";
  if (key == "owners") return "did you mean [owner.NAME]?";
  if (key == "calendars") return "did you mean [calendar.NAME]?";
  return {};
}

class ConfigReader {
 public:
  ConfigReader(Config& config, const Environment& environment, Secrets secrets, Diagnostics& diagnostics)
      : config_(config), environment_(environment), secrets_(secrets), diagnostics_(diagnostics) {}

  void Read(const std::shared_ptr<const SourceText>& file) {
    const std::shared_ptr<const SourceText> printed = MaskPasswords(file);
    Diagnostics syntax;
    std::optional<TomlNode> root = ParseToml(file, syntax);
    diagnostics_.Append(Repointed(syntax, file, printed));
    if (!root) return;
    Repoint(*root, file, printed);
    const std::vector<Span> unset = ExpandEnvironment(*root, environment_, secrets_, diagnostics_);
    Diagnostics known = std::exchange(diagnostics_, {});
    ReadKeys(*root);
    known.Append(Elsewhere(std::exchange(diagnostics_, {}), unset));
    diagnostics_ = std::move(known);
  }

 private:
  void ReadKeys(const TomlNode& root) {
    TomlReader reader(root, "", diagnostics_);
    EachNamed(reader, "source",
              [this](const std::string& name, const TomlNode& node, Config& config, Diagnostics& found) {
                ReadSource(name, node, secrets_, config, found);
              });
    EachNamed(reader, "owner",
              [](const std::string& name, const TomlNode& node, Config& config, Diagnostics& found) {
                ReadOwner(name, node, config.surroundings, found);
              });
    EachNamed(reader, "calendar",
              [](const std::string& name, const TomlNode& node, Config& config, Diagnostics& found) {
                ReadCalendar(name, node, config.surroundings, found);
              });
    if (const TomlEntry* defaults = Table(reader, "defaults")) config_.surroundings.defaults = defaults->node;
    if (const TomlEntry* store = Table(reader, "store")) ReadStore(store->node);
    if (const TomlEntry* serve = Table(reader, "serve")) {
      config_.serve = ReadServe(serve->node, config_.directory, diagnostics_);
    }
    if (const TomlEntry* lineage = Table(reader, "lineage")) {
      std::vector<std::string> sources;
      for (const auto& [name, source] : config_.sources) sources.push_back(name);
      config_.lineage = ReadLineageConfig(lineage->node, sources, diagnostics_);
    }
    ReadDeclarationFiles(reader);
    reader.RejectUnknown(&WhereKeyBelongs);
  }

  // The entry where it is a table; otherwise a diagnostic.
  const TomlEntry* Table(TomlReader& reader, std::string_view key) {
    const TomlEntry* entry = reader.Find(key);
    if (entry == nullptr || entry->node.AsTable() != nullptr) return entry;
    diagnostics_.Error(entry->key.span, fmt::format("`{}` must be a table: [{}]", key, key));
    return nullptr;
  }

  // [key.NAME], each read by `read`.
  template <class Read>
  void EachNamed(TomlReader& reader, std::string_view key, Read read) {
    const TomlEntry* entry = reader.Find(key);
    if (entry == nullptr) return;
    const TomlNode::Table* named = entry->node.AsTable();
    if (named == nullptr) {
      diagnostics_.Error(entry->key.span,
                         fmt::format("`{}` must be a table with a name: [{}.NAME]", key, key));
      return;
    }
    for (const TomlEntry& each : *named) {
      if (each.node.AsTable() == nullptr) {
        diagnostics_.Error(each.key.span,
                           fmt::format("[{}] needs a name: write [{}.NAME] above its keys", key, key));
        return;
      }
      read(each.key.name, each.node, config_, diagnostics_);
    }
  }

  void ReadStore(const TomlNode& node) {
    TomlReader reader(node, "[store]", diagnostics_);
    StoreConfig& store = config_.store;
    store.declared = true;
    Result<Engine> engine = Engine::kSqlite;
    if (const std::optional<std::string> url = reader.String("url")) {
      engine = EngineOf(*url);
      if (engine && *engine != Engine::kDuckdb) {
        store.url = *url;
      } else {
        diagnostics_.Error(reader.Place("url"), "a store is sqlite:FILE or postgresql://USER@HOST/DATABASE");
      }
    }
    const bool no_password = engine && *engine != Engine::kPostgres;
    store.password =
        ReadPasswordFile(reader, config_.directory,
                         no_password ? "only a PostgreSQL store has a password" : "", secrets_, diagnostics_);
    store.lease = reader.DurationOf("lease").value_or(store.lease);
    if (store.lease < limits::kLeaseMin) {
      diagnostics_.Error(reader.Place("lease"), "`lease` must be at least 1s");
    }
    const TomlEntry* keep = Table(reader, "keep");
    if (keep != nullptr) {
      TomlReader spans(keep->node, "`keep`", diagnostics_);
      store.keep_measurements = spans.DurationOf("measurements").value_or(store.keep_measurements);
      store.keep_verdicts = spans.DurationOf("verdicts").value_or(store.keep_verdicts);
      store.keep_events = spans.DurationOf("events").value_or(store.keep_events);
      spans.RejectUnknown();
    }
    reader.RejectUnknown();
  }

  void ReadDeclarationFiles(TomlReader& reader) {
    const TomlEntry* declared = reader.Find("checks");
    const std::vector<std::string> globs =
        reader.StringOrStrings("checks").value_or(std::vector<std::string>{std::string(kDefaultGlob)});
    std::set<std::string> paths;
    // As the user named them: beside amont.toml, in the same words.
    const std::string base = std::filesystem::path(config_.path).parent_path().string();
    for (size_t i = 0; i < globs.size(); ++i) {
      const TomlNode::Array* items = declared == nullptr ? nullptr : declared->node.AsArray();
      const Span place = items != nullptr && i < items->size() ? (*items)[i].span : reader.Place("checks");
      if (globs[i].empty()) {
        diagnostics_.Error(place, "a glob of `checks` is empty: write one such as \"checks/**/*.toml\"");
        continue;
      }
      Result<std::vector<std::string>> found = Glob(globs[i], base);
      if (!found) {
        diagnostics_.Error(place, found.error().message);
        continue;
      }
      if (found->empty() && declared != nullptr) {
        diagnostics_.Warning(place, fmt::format("no file matches {}", Quoted(globs[i])));
      }
      paths.insert(found->begin(), found->end());
    }
    paths.erase(config_.path);  // a glob such as *.toml finds amont.toml itself
    for (const std::string& path : paths) {
      Result<std::string> text = ReadFile(path, limits::kFileBytesMax);
      if (text) {
        config_.files.push_back(std::make_shared<const SourceText>(SourceText{path, std::move(*text)}));
      } else {
        diagnostics_.Error(Span{std::make_shared<const SourceText>(SourceText{path, ""})},
                           text.error().message);
      }
    }
  }

  Config& config_;
  const Environment& environment_;
  Secrets secrets_;
  Diagnostics& diagnostics_;
};

// Where relative paths begin; the store's file lies there too.
void SettleStore(Config& config) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!config.store.url.starts_with(kScheme)) return;
  const std::filesystem::path file = config.store.url.substr(kScheme.size());
  config.store.url =
      std::string(kScheme) + (std::filesystem::path(config.directory) / file).lexically_normal().string();
}

}  // namespace

Result<Config> LoadConfig(const std::string& path, const Environment& environment, Diagnostics& diagnostics,
                          Secrets secrets) {
  if (path.empty())
    return MakeError(ErrorCode::kInvalid, "--config (or AMONT_CONFIG) names no file: it is empty");
  Result<std::string> text = ReadFile(path, limits::kFileBytesMax);
  if (text) return ParseConfig(path, std::move(*text), environment, diagnostics, secrets);
  if (text.error().code != ErrorCode::kNotFound) return std::move(text).error();
  return MakeError(
      ErrorCode::kNotFound,
      fmt::format("there is no {} here; run amont where your amont.toml lies, or name it with --config",
                  path));
}

Result<Config> ParseConfig(const std::string& path, std::string text, const Environment& environment,
                           Diagnostics& diagnostics, Secrets secrets) {
  Config config;
  config.path = path;
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(path, failed);
  if (failed) return MakeError(ErrorCode::kInternal, fmt::format("{}: {}", path, failed.message()));
  config.directory = absolute.parent_path().lexically_normal().string();

  config.text = std::make_shared<const SourceText>(SourceText{path, std::move(text)});
  ConfigReader(config, environment, secrets, diagnostics).Read(config.text);
  SettleStore(config);
  config.declarations = Declare(config.files, config.surroundings, diagnostics);
  return config;
}

}  // namespace amont
