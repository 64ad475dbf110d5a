#include "server/cli/lineage_place.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <utility>
#include <vector>

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
          for (const Extract& extract : reading->order.further) builder_.Add(extract);
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

Provenance FromMessage(v1::Provenance provenance) {
  switch (provenance) {
    case v1::PROVENANCE_DBT:
      return Provenance::kDbt;
    case v1::PROVENANCE_OPENLINEAGE:
      return Provenance::kOpenLineage;
    case v1::PROVENANCE_SQL:
      return Provenance::kSql;
    case v1::PROVENANCE_CATALOG:
      return Provenance::kCatalog;
    default:
      return Provenance::kDeclared;
  }
}

EdgeKind FromMessage(v1::EdgeKind kind) {
  switch (kind) {
    case v1::EDGE_KIND_INDIRECT:
      return EdgeKind::kIndirect;
    case v1::EDGE_KIND_HINT:
      return EdgeKind::kHint;
    default:
      return EdgeKind::kDirect;
  }
}

std::vector<std::string> TextsOf(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// What a service answers, as a graph of our own: everything around the node, as far as the service gives it.
class ServiceLineage {
 public:
  ServiceLineage(const Client& client, std::optional<Timestamp> at, std::stop_token stop)
      : client_(client), at_(at), stop_(std::move(stop)) {}

  Result<LineageFound> Find(const LineageQuestion& question) {
    LineageFound found;
    AMONT_TRY(const Port node, Add(question.node));
    Port other;
    if (!question.other.empty()) {
      AMONT_TRY(other, Add(question.other));
    }
    if (question.asks_cause) {
      v1::GetCauseRequest request;
      request.set_node(question.node);
      AMONT_TRY(const v1::GetCauseResponse causes, client_.Call(request, stop_));
      for (const v1::Cause& cause : causes.causes()) {
        const auto name = ParseNodeName(cause.node().id(), "");
        if (!name || !name->IsTable()) continue;
        found.failing.emplace_back(name->Table(), TimeOf(cause.since_time()));
      }
      // An older service says nothing of those in between.
      if (causes.failing_size() > 0) found.failing.clear();
      for (const v1::FailingNode& failing : causes.failing()) {
        const auto name = ParseNodeName(failing.node(), "");
        if (name && name->IsTable()) found.failing.emplace_back(name->Table(), TimeOf(failing.since_time()));
      }
    }
    found.graph = builder_.Build();
    found.node = found.graph.Find(node).value_or(kNoNode);
    found.other = question.other.empty() ? kNoNode : found.graph.Find(other).value_or(kNoNode);
    if (found.node == kNoNode || (!question.other.empty() && found.other == kNoNode)) {
      return MakeError(ErrorCode::kNotFound,
                       fmt::format("the service knows nothing around {}", Quoted(question.node)));
    }
    return found;
  }

 private:
  static Timestamp TimeOf(const google::protobuf::Timestamp& at) {
    return Timestamp(std::chrono::seconds(at.seconds()) + std::chrono::microseconds(at.nanos() / 1000));
  }

  // Adds what is around the node; gives the node itself, which is no step away.
  Result<Port> Add(const std::string& node) {
    v1::GetGraphRequest request;
    request.set_node(node);
    request.set_limit(10'000);
    if (at_) {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(*at_);
      request.mutable_at_time()->set_seconds(seconds.time_since_epoch().count());
    }
    AMONT_TRY(const v1::GetGraphResponse response, client_.Call(request, stop_));
    Port start;
    for (const v1::LineageNode& message : response.nodes()) {
      AMONT_TRY(const NodeName name, ParseNodeName(message.id(), ""));
      if (message.hop() == 0) start = {name, message.column()};
      StatedFacts stated;
      stated.facts.name = name;
      stated.facts.form = message.form();
      stated.facts.owner = message.owner();
      stated.facts.description = message.description();
      stated.facts.url = message.url();
      stated.facts.tags = TextsOf(message.tags());
      stated.facts.tests = TextsOf(message.tests());
      if (!message.column().empty()) stated.facts.columns = {{message.column(), ""}};
      builder_.Add(std::move(stated));
    }
    for (const v1::LineageEdge& message : response.edges()) AMONT_TRY_VOID(AddEdge(message));
    return start;
  }

  Result<void> AddEdge(const v1::LineageEdge& message) {
    Edge edge;
    AMONT_TRY(edge.upstream.node, ParseNodeName(message.upstream(), ""));
    AMONT_TRY(edge.downstream.node, ParseNodeName(message.downstream(), ""));
    edge.upstream.column = message.upstream_column();
    edge.downstream.column = message.downstream_column();
    edge.kind = FromMessage(message.kind());
    edge.provenance = FromMessage(message.provenance());
    edge.origin = message.origin();
    edge.confidence = static_cast<float>(message.confidence());
    edge.first_seen = TimeOf(message.first_seen());
    edge.last_seen = TimeOf(message.last_seen());
    if (!message.job().empty()) {
      AMONT_TRY(edge.job, ParseNodeName(message.job(), ""));
    }
    builder_.Add(edge);
    return {};
  }

  const Client& client_;
  const std::optional<Timestamp> at_;
  const std::stop_token stop_;
  GraphBuilder builder_;
};

}  // namespace

void AddLineageFlags(CLI::App& command, LineageFlags& flags) {
  AddServerFlag(command, flags.server);
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
  if (!flags.server.empty() && !flags.store.empty()) {
    code = Complain("--server asks a service, --store reads a store: leave one out", exit_code::kUsage);
    return std::nullopt;
  }
  std::string server = flags.server;
  if (server.empty() && flags.store.empty()) server = ProcessEnvironment()("AMONT_SERVER").value_or("");
  if (server.empty()) return LocalLineage(context, flags, WallClock(), at).Find(question, code);
  const auto client = OpenClient(server, code);
  if (client == nullptr) return std::nullopt;
  auto found = ServiceLineage(*client, at, context.stop).Find(question);
  if (found) return std::move(*found);
  const ErrorCode why = found.error().code;
  code = Complain(found.error().message,
                  why == ErrorCode::kNotFound ? exit_code::kUnknown : ExitCodeOf(found.error()));
  return std::nullopt;
}

}  // namespace amont
