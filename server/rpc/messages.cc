#include "server/rpc/messages.h"

#include <string_view>

#include "core/unicode.h"

namespace amont {

namespace {

// The number of a value that is one.
std::optional<double> NumberOf(const Value& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

// Sets `observed` and `value` of a message.
template <class Message>
void SetValue(Message& message, const Value& value) {
  if (IsNull(value)) return;
  message.set_observed(RepairUtf8(StoredText(value)));
  if (const auto number = NumberOf(value)) message.set_value(*number);
}

void Set(google::protobuf::Timestamp* field, Timestamp at) { *field = ToMessage(at); }

v1::Severity ToMessage(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return v1::SEVERITY_INFO;
    case Severity::kWarning:
      return v1::SEVERITY_WARNING;
    case Severity::kCritical:
      return v1::SEVERITY_CRITICAL;
  }
  return v1::SEVERITY_UNSPECIFIED;
}

template <class Message>
void SetPlace(Message& message, const Span& span) {
  if (span.file) message.set_file(RepairUtf8(span.file->path));
  message.set_line(span.line);
  if (span.line == 0) return;
  message.set_column(span.column);
  message.set_length(span.length);
}

v1::CheckState StateOf(const KnownCheck& known) {
  v1::CheckState message;
  if (known.next_run) Set(message.mutable_next_run_time(), *known.next_run);
  if (!known.state) return message;
  const CheckState& state = *known.state;
  if (state.status) message.set_status(ToMessage(*state.status));
  if (state.since) Set(message.mutable_since(), *state.since);
  message.set_error(RepairUtf8(state.error));
  Set(message.mutable_last_run_time(), state.last_run);
  if (state.last_success) Set(message.mutable_last_success_time(), *state.last_success);
  if (state.value) message.set_value(*state.value);
  if (state.expected_min) message.set_expected_min(*state.expected_min);
  if (state.expected_max) message.set_expected_max(*state.expected_max);
  message.set_sentence(RepairUtf8(state.sentence));
  if (state.newest) Set(message.mutable_newest_time(), *state.newest);
  if (state.deadline) Set(message.mutable_deadline(), *state.deadline);
  if (state.rows) message.set_rows(*state.rows);
  for (const auto& [status, count] : state.groups) {
    auto* group = message.add_groups();
    group->set_status(ToMessage(status));
    group->set_groups(count);
  }
  message.set_schema_changes(state.schema_changes);
  return message;
}

}  // namespace

v1::VerdictStatus ToMessage(Status status) {
  switch (status) {
    case Status::kPass:
      return v1::VERDICT_STATUS_PASS;
    case Status::kLearning:
      return v1::VERDICT_STATUS_LEARNING;
    case Status::kNoData:
      return v1::VERDICT_STATUS_NO_DATA;
    case Status::kWarn:
      return v1::VERDICT_STATUS_WARN;
    case Status::kError:
      return v1::VERDICT_STATUS_ERROR;
    case Status::kFail:
      return v1::VERDICT_STATUS_FAIL;
  }
  return v1::VERDICT_STATUS_UNSPECIFIED;
}

std::optional<Status> FromMessage(v1::VerdictStatus status) {
  for (const Status ours :
       {Status::kPass, Status::kLearning, Status::kNoData, Status::kWarn, Status::kError, Status::kFail}) {
    if (ToMessage(ours) == status) return ours;
  }
  return std::nullopt;
}

google::protobuf::Timestamp ToMessage(Timestamp at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  google::protobuf::Timestamp message;
  message.set_seconds(seconds.time_since_epoch().count());
  message.set_nanos(static_cast<int32_t>(std::chrono::nanoseconds(at - seconds).count()));
  return message;
}

std::optional<Timestamp> FromMessage(const google::protobuf::Timestamp& at) {
  constexpr int64_t kFirst = -62'135'596'800;  // 0001-01-01T00:00:00Z
  constexpr int64_t kLast = 253'402'300'799;   // 9999-12-31T23:59:59Z
  if (at.seconds() < kFirst || at.seconds() > kLast || at.nanos() < 0 || at.nanos() > 999'999'999) {
    return std::nullopt;
  }
  return Timestamp(std::chrono::seconds(at.seconds()) + std::chrono::microseconds(at.nanos() / 1000));
}

v1::Check ToMessage(const KnownCheck& known, Timestamp now) {
  const Check& check = *known.check;
  const Table& table = *check.table;
  v1::Check message;
  message.set_id(RepairUtf8(check.id));
  message.set_source(RepairUtf8(table.name.source));
  message.set_table(RepairUtf8(table.name.Full()));
  message.set_kind(check.kind);
  message.set_name(RepairUtf8(check.name));
  message.set_severity(ToMessage(check.severity));
  message.set_tier(table.tier);
  message.set_owner(RepairUtf8(table.owner));
  for (const std::string& tag : check.tags) message.add_tags(RepairUtf8(tag));
  message.set_description(RepairUtf8(check.description.empty() ? table.description : check.description));
  message.set_runbook(RepairUtf8(check.runbook.empty() ? table.runbook : check.runbook));
  message.set_declared_at(RepairUtf8(check.declared_at.ToString()));
  message.set_pilot(check.IsPilot(now));
  *message.mutable_state() = StateOf(known);
  return message;
}

v1::Verdict ToMessage(const Verdict& verdict, RunId run) {
  v1::Verdict message;
  message.set_check(RepairUtf8(verdict.check->id));
  message.set_status(ToMessage(verdict.status));
  Set(message.mutable_time(), verdict.at);
  SetValue(message, verdict.observed);
  message.set_expected(RepairUtf8(verdict.expected));
  if (verdict.expected_min) message.set_expected_min(*verdict.expected_min);
  if (verdict.expected_max) message.set_expected_max(*verdict.expected_max);
  message.set_sentence(RepairUtf8(verdict.sentence));
  message.set_proof(RepairUtf8(verdict.proof));
  message.set_group(RepairUtf8(verdict.group));
  for (const GroupVerdict& group : verdict.groups) {
    auto* one = message.add_groups();
    one->set_group(RepairUtf8(group.group));
    one->set_status(ToMessage(group.status));
    SetValue(*one, group.observed);
    one->set_sentence(RepairUtf8(group.sentence));
  }
  if (verdict.error) {
    message.mutable_error()->set_code(std::string(ToString(verdict.error->code)));
    message.mutable_error()->set_sqlstate(verdict.error->sqlstate);
    message.mutable_error()->set_message(RepairUtf8(verdict.error->message));
  }
  message.set_suppressed(verdict.suppressed);
  message.set_pilot(verdict.pilot);
  message.set_reused(verdict.reused);
  if (verdict.window_to) Set(message.mutable_window_end_time(), *verdict.window_to);
  if (verdict.deadline) Set(message.mutable_deadline(), *verdict.deadline);
  message.set_run_id(run);
  return message;
}

v1::Verdict ToMessage(const VerdictRow& row) {
  v1::Verdict message;
  message.set_check(RepairUtf8(row.check));
  message.set_status(ToMessage(row.status));
  Set(message.mutable_time(), row.at);
  message.set_sentence(RepairUtf8(row.sentence));
  message.set_run_id(row.run);
  return message;
}

v1::Measurement ToMessage(const std::string& check, const MeasurementRow& row) {
  v1::Measurement message;
  message.set_check(check);
  message.set_group(RepairUtf8(row.group));
  Set(message.mutable_time(), row.at);
  SetValue(message, row.value);
  message.set_status(ToMessage(row.status));
  message.set_windowed(row.windowed);
  message.set_accepted(row.accepted);
  return message;
}

v1::RunSummary ToMessage(const RunSummary& summary) {
  v1::RunSummary message;
  message.set_run_id(summary.run);
  Set(message.mutable_start_time(), summary.started);
  Set(message.mutable_end_time(), summary.finished);
  const auto took = summary.finished - summary.started;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(took);
  message.mutable_duration()->set_seconds(seconds.count());
  message.mutable_duration()->set_nanos(
      static_cast<int32_t>(std::chrono::nanoseconds(took - seconds).count()));
  message.set_tables(static_cast<int64_t>(summary.tables));
  message.set_checks(static_cast<int64_t>(summary.checks));
  message.set_statements(static_cast<int64_t>(summary.statements));
  for (const auto& [status, count] : summary.statuses) {
    auto* one = message.add_statuses();
    one->set_status(ToMessage(status));
    one->set_checks(static_cast<int64_t>(count));
  }
  for (const auto& [source, error] : summary.cut) {
    auto* one = message.add_source_errors();
    one->set_source(RepairUtf8(source));
    one->set_code(std::string(ToString(error.code)));
    one->set_message(RepairUtf8(error.message));
  }
  for (const Diagnostic& diagnostic : summary.diagnostics.list()) {
    *message.add_diagnostics() = ToMessage(diagnostic);
  }
  for (const std::string& note : summary.notes) message.add_notes(RepairUtf8(note));
  return message;
}

v1::Diagnostic ToMessage(const Diagnostic& diagnostic) {
  v1::Diagnostic message;
  message.set_severity(diagnostic.severity == Diagnostic::Severity::kError
                           ? v1::Diagnostic::SEVERITY_ERROR
                           : v1::Diagnostic::SEVERITY_WARNING);
  SetPlace(message, diagnostic.span);
  message.set_message(RepairUtf8(diagnostic.message));
  message.set_hint(RepairUtf8(diagnostic.hint));
  for (const Diagnostic::Note& note : diagnostic.notes) {
    auto* one = message.add_notes();
    SetPlace(*one, note.span);
    one->set_message(RepairUtf8(note.message));
  }
  return message;
}

v1::InvalidFile ToMessage(const InvalidFile& file) {
  v1::InvalidFile message;
  message.set_path(RepairUtf8(file.path));
  message.set_reason(RepairUtf8(file.reason));
  message.set_kept(file.kept);
  return message;
}

v1::PlannedStatement ToMessage(const PlannedSql& statement) {
  v1::PlannedStatement message;
  message.set_source(RepairUtf8(statement.source));
  message.set_cost_class(std::string(ToString(statement.cls)));
  message.set_sql(RepairUtf8(statement.sql));
  for (const std::string& check : statement.checks) message.add_checks(RepairUtf8(check));
  return message;
}

Selection FromMessage(const v1::Selection& selection) {
  return {{selection.tables().begin(), selection.tables().end()},
          {selection.tags().begin(), selection.tags().end()},
          {selection.owners().begin(), selection.owners().end()},
          {selection.sources().begin(), selection.sources().end()}};
}

}  // namespace amont
