#include "server/cli/lineage_place.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <utility>

#include "core/file.h"
#include "core/quoted.h"
#include "lineage/find_node.h"
#include "lineage/graph_builder.h"
#include "server/app/dbt_reading.h"
#include "server/app/lineage_hub.h"
#include "server/app/run_once.h"
#include "server/cli/place.h"
#include "server/clock/wall_clock.h"
#include "server/lineage/declared_lineage.h"
#include "server/store/lineage_store.h"

namespace amont {

namespace {

// What is said locally: remembered by the store, declared, and in dbt's manifests.
class LocalLineage {
 public:
  LocalLineage(const CommandContext& context, const LineageFlags& flags, Timestamp now,
               std::optional<Timestamp> at)
      : context_(context), flags_(flags), now_(now), at_(at) {}

  std::optional<LineageFound> Find(const LineageQuestion& question, int& code) {
    auto config = ReadConfig(context_, Secrets::kOptional);
    if (!config) {
      code = exit_code::kConfiguration;
      return std::nullopt;
    }
    if (!ReadStored(*config, code)) return std::nullopt;
    // What holds now says nothing of another time.
    if (!at_) {
      ReadDeclared(*config);
      ReadManifests(*config);
    }
    GraphOptions options;
    options.as_of = at_.value_or(now_ + limits::kFuture);
    found_.graph = builder_.Build(options);
    const std::string source = DefaultSourceOf(*config);
    const auto resolve = [&](const std::string& text, NodeId& node) {
      const auto id = FindNode(found_.graph, text, {}, source);
      if (id) {
        node = *id;
        return true;
      }
      code = Complain(id.error().message,
                      id.error().code == ErrorCode::kInvalid ? exit_code::kUsage : exit_code::kUnknown);
      return false;
    };
    if (!resolve(question.node, found_.node)) return std::nullopt;
    if (!question.other.empty() && !resolve(question.other, found_.other)) return std::nullopt;
    return std::move(found_);
  }

 private:
  // Whether the store could be read; one that is not there yet remembers nothing.
  bool ReadStored(const Config& config, int& code) {
    const std::string url = StoreUrlToRead(config, flags_.store);
    auto store = OpenStore(url, StoreMode::kRead, config.store.password);
    if (!store) {
      if (store.error().code == ErrorCode::kNotFound && flags_.store.empty()) return true;
      const bool wrong = store.error().code == ErrorCode::kInvalid;
      code = Complain(store.error().message, wrong ? exit_code::kConfiguration : exit_code::kUnknown);
      return false;
    }
    LineageSink sink;
    sink.edge = [this](const Edge& edge) { builder_.Add(edge); };
    sink.facts = [this](StatedFacts facts) { builder_.Add(std::move(facts)); };
    sink.ending = [this](const Ending& ending) { builder_.Add(ending); };
    const auto read = (*store)->Lineage().ReadLineage(sink);
    const auto states = (*store)->ReadStates();
    if (!read || !states) {
      code = Complain((read ? states.error() : read.error()).message, exit_code::kUnknown);
      return false;
    }
    std::map<TableName, Timestamp> failing;
    for (const CheckState& state : *states) {
      const auto table = ParseTableName(state.table, "");
      if (state.status != Status::kFail || !state.since || !table) continue;
      const auto [place, fresh] = failing.emplace(*table, *state.since);
      if (!fresh && *state.since < place->second) place->second = *state.since;
    }
    found_.failing.assign(failing.begin(), failing.end());
    return true;
  }

  void ReadDeclared(const Config& config) {
    const Declarations& declared = config.declarations;
    builder_.Add(DeclaredLineage(declared.tables, now_, declared.patterns.empty()));
  }

  void ReadManifests(const Config& config) {
    for (const std::string& pattern : config.lineage.dbt_manifests) {
      const auto paths = Glob(pattern, config.directory);
      if (!paths) PrintError(fmt::format("amont: {}\n", paths.error().message));
      for (const std::string& path : paths ? *paths : std::vector<std::string>()) {
        const auto texts = ReadDbtFiles(path);
        const auto reading =
            texts ? ReadDbtProject(*texts, config, {}, now_) : Result<DbtReading>(texts.error());
        if (reading) {
          builder_.Add(reading->order.extract);
        } else {
          PrintError(fmt::format("amont: {}: {}\n", path, reading.error().message));
        }
      }
    }
  }

  const CommandContext& context_;
  const LineageFlags& flags_;
  const Timestamp now_;
  const std::optional<Timestamp> at_;
  GraphBuilder builder_;
  LineageFound found_;
};

}  // namespace

void AddLineageFlags(CLI::App& command, LineageFlags& flags) {
  command.add_option("--store", flags.store, "read this store instead: sqlite:FILE or postgresql://…")
      ->option_text("URL");
  command.add_option("--at", flags.at, "as it was then, as far as the store remembers")->option_text("TIME");
}

std::optional<LineageFound> FindLineage(const CommandContext& context, const LineageFlags& flags,
                                        const LineageQuestion& question, int& code) {
  std::optional<Timestamp> at;
  if (!flags.at.empty()) {
    const auto read = ParseTimestamp(flags.at);
    if (!read) {
      code = Complain(fmt::format("--at is a time such as 2026-11-24T06:00:00Z, not {}", Quoted(flags.at)),
                      exit_code::kUsage);
      return std::nullopt;
    }
    at = *read;
  }
  return LocalLineage(context, flags, WallClock(), at).Find(question, code);
}

}  // namespace amont
