#include "server/app/rpc_backend.h"

#include <memory>
#include <set>
#include <utility>

#include "server/app/explain.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

constexpr std::string_view kService = "amont.v1.CheckService";

// A code as Prometheus's gRPC metrics spell it: "NOT_FOUND" is NotFound, "OK" OK.
std::string LabelOf(std::string_view code) {
  if (code == "OK") return "OK";
  std::string label;
  bool begins = true;
  for (const char c : code) {
    if (c != '_') label.push_back(begins ? c : static_cast<char>(c - 'A' + 'a'));
    begins = c == '_';
  }
  return label;
}

std::vector<PlannedSql> PlannedBy(const ExplainedSource& source) {
  std::vector<PlannedSql> planned;
  for (const Statement& statement : source.plan.statements) {
    PlannedSql sql{source.source, statement.cls, statement.sql, {}};
    std::set<std::string> ids;
    for (const Slot& slot : statement.slots) {
      for (const Use& use : slot.uses) ids.insert(source.checks.at(use.check)->id);
    }
    sql.checks.assign(ids.begin(), ids.end());
    planned.push_back(std::move(sql));
  }
  return planned;
}

}  // namespace

RpcBackend::RpcBackend(const Configuration& configuration, RunLedger ledger, Follower& follower,
                       std::string holder, Canceller& canceller, LineageBackend lineage)
    : configuration_(configuration),
      ledger_(std::move(ledger)),
      follower_(follower),
      holder_(std::move(holder)),
      canceller_(canceller),
      backend_{
          configuration_.config(),
          ledger_.states,
          ledger_.store,
          [this](const RunOrder& order, const RunSink& sink, std::stop_token stop) {
            return Run(order, sink, std::move(stop));
          },
          [this](const Selection& selection, const std::set<std::string>& disabled, std::stop_token stop) {
            return ExplainPlan(selection, disabled, std::move(stop));
          },
          [this](const std::vector<std::shared_ptr<const SourceText>>& files) { return Validate(files); },
          [this](std::string_view method, std::string_view code, Duration took) {
            Count(method, code, took);
          },
          [this] { return configuration_.Get()->invalid; },
          std::move(lineage)} {}

Result<RunSummary> RpcBackend::Run(const RunOrder& order, const RunSink& sink, std::stop_token stop) {
  const std::shared_ptr<const Generation> generation = configuration_.Get();
  const Declarations& declarations = generation->config.declarations;
  if (const auto idle = FindIdleWord(order.selection, declarations)) return *idle;
  RecordedOrder recorded;
  recorded.claim = {std::string(kRequestTrigger), order.request_id, WallClock(), 0, holder_};
  recorded.waits_for_store = false;
  recorded.wildcards = true;
  recorded.sources = SourcesOf(order.selection, declarations);
  if (!order.selection.empty()) {
    recorded.selects = [&order](const Check& check) { return order.selection.Selects(check); };
  }
  RecordedHooks hooks;
  std::unique_ptr<Follower::Beating> beating;
  hooks.claimed = [&](const ClaimedRun& run) {
    beating = follower_.Begin(run.id);
    if (sink.accepted) sink.accepted(run.id, recorded.claim.started);
  };
  hooks.progress = [&](const RunProgress& progress) {
    if (sink.progress) sink.progress({progress.tables, progress.concluded, progress.statements});
  };
  hooks.concluded = sink.concluded;
  AMONT_TRY(RecordedRun run, RunRecorded(*generation, recorded, ledger_, hooks, std::move(stop)));
  RunSummary summary;
  summary.run = run.run.id;
  summary.started = recorded.claim.started;
  summary.finished = run.finished;
  summary.tables = run.tables;
  summary.checks = run.measured.size();
  summary.statements = run.driven.statements;
  summary.statuses.insert(run.statuses.begin(), run.statuses.end());
  summary.cut = std::move(run.driven.cut);
  summary.diagnostics = std::move(run.driven.diagnostics);
  return summary;
}

Result<Explanation> RpcBackend::ExplainPlan(const Selection& selection, const std::set<std::string>& disabled,
                                            std::stop_token stop) {
  const std::shared_ptr<const Generation> generation = configuration_.Get();
  if (const auto idle = FindIdleWord(selection, generation->config.declarations)) return *idle;
  ExplainOrder order;
  order.selection = selection;
  order.connects = true;
  order.options.now = WallClock();
  order.options.disabled = disabled;
  Explained explained = Explain(generation->config, order, canceller_, std::move(stop));
  if (explained.sources.empty() && !explained.cut.empty()) return explained.cut.begin()->second;
  if (const auto idle = FindIdleWord(selection, explained.known); idle && explained.cut.empty()) return *idle;
  Explanation explanation;
  for (const ExplainedSource& source : explained.sources) {
    explanation.text += source.text;
    for (PlannedSql& sql : PlannedBy(source)) explanation.statements.push_back(std::move(sql));
  }
  explanation.diagnostics = std::move(explained.diagnostics);
  return explanation;
}

// "LineageService/GetGraph"; what names no service is CheckService's.
void RpcBackend::Count(std::string_view method, std::string_view code, Duration took) const {
  const size_t slash = method.find('/');
  const std::string service = slash == std::string_view::npos
                                  ? std::string(kService)
                                  : "amont.v1." + std::string(method.substr(0, slash));
  if (slash != std::string_view::npos) method.remove_prefix(slash + 1);
  const std::string_view type = method == "RunChecks"        ? "server_stream"
                                : method == "ImportManifest" ? "client_stream"
                                                             : "unary";
  ledger_.instruments.RpcStarted(type, service, method);
  ledger_.instruments.RpcHandled(type, service, method, LabelOf(code), took);
}

Diagnostics RpcBackend::Validate(const std::vector<std::shared_ptr<const SourceText>>& files) const {
  const std::shared_ptr<const Generation> generation = configuration_.Get();
  std::set<std::string> given;
  for (const auto& file : files) given.insert(file->path);
  std::vector<std::shared_ptr<const SourceText>> all;
  for (const auto& file : generation->config.files) {
    if (!given.contains(file->path)) all.push_back(file);
  }
  all.insert(all.end(), files.begin(), files.end());
  Diagnostics found;
  Declare(all, generation->config.surroundings, found);
  // What is wrong with the others is not asked.
  Diagnostics theirs;
  for (const Diagnostic& diagnostic : found.list()) {
    if (!diagnostic.span.file || !given.contains(diagnostic.span.file->path)) continue;
    Diagnostic& copy = diagnostic.severity == Diagnostic::Severity::kError
                           ? theirs.Error(diagnostic.span, diagnostic.message, diagnostic.hint)
                           : theirs.Warning(diagnostic.span, diagnostic.message, diagnostic.hint);
    copy.notes = diagnostic.notes;
  }
  return theirs;
}

}  // namespace amont
