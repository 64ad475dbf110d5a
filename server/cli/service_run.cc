#include "server/cli/service_run.h"

#include <chrono>

#include <fmt/format.h>

#include "server/cli/from_messages.h"
#include "server/cli/state_reader.h"
#include "server/rpc/messages.h"

namespace amont {

namespace {

// Gathers the verdicts of a stream; they become a report once their checks are known.
class Gathered {
 public:
  explicit Gathered(ServiceRun& run) : run_(run) {}

  void Take(const v1::RunChecksResponse& event) {
    if (event.has_accepted()) {
      const v1::RunAccepted& accepted = event.accepted();
      run_.report.started = FromMessage(accepted.start_time()).value_or(Timestamp());
      joined_ = accepted.joined();
    } else if (event.has_verdict()) {
      verdicts_.push_back(event.verdict());
    } else if (event.has_progress()) {
      run_.report.statements = static_cast<size_t>(event.progress().statements());
    } else if (event.has_summary()) {
      Take(event.summary());
    }
  }

  bool Knows(const CheckBook& book) const {
    for (const v1::Verdict& verdict : verdicts_) {
      if (!book.Has(verdict.check())) return false;
    }
    return true;
  }

  void Arrange(CheckBook& book) {
    std::map<TableName, size_t> places;
    for (const v1::Verdict& message : verdicts_) {
      Verdict verdict = FromMessage(message, book.FindOrMake(message.check()));
      const auto& table = verdict.check->table;
      const auto [place, added] = places.try_emplace(table->name, run_.report.tables.size());
      if (added) run_.report.tables.emplace_back().table = table;
      run_.report.tables[place->second].verdicts.push_back(std::move(verdict));
    }
    if (joined_) run_.report.notes.emplace_back("this request_id began with an earlier call");
    run_.report.Arrange();
  }

 private:
  void Take(const v1::RunSummary& summary) {
    run_.report.statements = static_cast<size_t>(summary.statements());
    run_.report.took =
        std::chrono::seconds(summary.duration().seconds()) +
        std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(summary.duration().nanos()));
    for (const std::string& note : summary.notes()) run_.report.notes.push_back(note);
    for (const v1::SourceError& source : summary.source_errors()) {
      run_.cut[source.source()] = FromMessage(source);
    }
    run_.diagnostics = FromMessage(summary.diagnostics());
  }

  ServiceRun& run_;
  std::vector<v1::Verdict> verdicts_;
  bool joined_ = false;
};

// What verdicts do not say of their checks. A token that may run and not read gets a report without it.
Result<void> LearnChecks(const Client& client, const Selection& selection, std::stop_token stop,
                         CheckBook& book, bool& may_read) {
  const auto checks = ListAllChecks(client, selection, std::move(stop));
  if (!checks && checks.error().code == ErrorCode::kPermission) {
    may_read = false;
    return {};
  }
  if (!checks) return checks.error();
  for (const v1::Check& check : checks->checks()) book.Add(check);
  return {};
}

}  // namespace

Result<ServiceRun> RunOnService(const Client& client, const ServiceOrder& order,
                                const std::function<void(const std::string&)>& progress,
                                std::stop_token stop) {
  ServiceRun run;
  run.report.told_by = order.server;
  // Before the run: whoever interrupts it does not wait for this.
  CheckBook book;
  bool may_read = true;
  AMONT_TRY_VOID(LearnChecks(client, order.selection, stop, book, may_read));

  Gathered gathered(run);
  v1::RunChecksRequest request;
  *request.mutable_selection() = ToMessage(order.selection);
  request.set_request_id(order.request_id);
  bool accepted = false;
  const auto take = [&](const v1::RunChecksResponse& event) {
    accepted = true;
    gathered.Take(event);
    if (!event.has_progress()) return;
    progress(fmt::format("measuring on {}: {} of {} tables, {} statements", order.server,
                         event.progress().tables_concluded(), event.progress().tables(),
                         event.progress().statements()));
  };
  const Result<void> ran = client.RunChecks(request, take, stop);
  run.report.interrupted = stop.stop_requested();
  if (!ran && !run.report.interrupted) {
    if (!accepted) return ran.error();
    run.ended = ran.error();
  }
  // Wildcards' tables may be known only since the run.
  if (ran && may_read && !gathered.Knows(book)) {
    AMONT_TRY_VOID(LearnChecks(client, order.selection, stop, book, may_read));
  }
  if (!may_read) {
    run.report.notes.emplace_back("the token may not read checks: every one is shown as a warning, nobody's");
  }
  gathered.Arrange(book);
  return run;
}

}  // namespace amont
