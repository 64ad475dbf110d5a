#include "server/cli/from_messages.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "server/cli/known_checks.h"
#include "server/rpc/messages.h"

namespace amont {

namespace {

Severity SeverityOf(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_INFO:
      return Severity::kInfo;
    case v1::SEVERITY_CRITICAL:
      return Severity::kCritical;
    default:
      return Severity::kWarning;
  }
}

std::optional<Timestamp> TimeOf(bool given, const google::protobuf::Timestamp& at) {
  return given ? FromMessage(at) : std::nullopt;
}

ErrorCode CodeNamed(const std::string& word) {
  for (int code = 0; code < static_cast<int>(ErrorCode::kInternal); ++code) {
    if (ToString(static_cast<ErrorCode>(code)) == word) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::kInternal;
}

// The value of `observed`, whose kind is not sent.
Value ValueOf(const std::string& observed, std::optional<double> number) {
  if (observed.empty()) return {};
  if (number) {
    int64_t whole = 0;
    const char* end = observed.data() + observed.size();
    const auto read = std::from_chars(observed.data(), end, whole);
    if (read.ec == std::errc() && read.ptr == end) return whole;
    return *number;
  }
  if (HasOffset(observed)) {
    if (const auto at = ParseTimestamp(observed)) return *at;
  }
  const Value decimal = Decimal{observed};
  return AsNumber(decimal) ? decimal : Value(observed);
}

// "checks/orders.toml:12:3", as Span::ToString writes it.
Span PlaceOf(const std::string& text) {
  Span span;
  if (text.empty()) return span;
  std::string path = text;
  std::vector<int> numbers;  // column, line
  while (numbers.size() < 2) {
    const size_t colon = path.rfind(':');
    int number = 0;
    const char* end = path.data() + path.size();
    if (colon == std::string::npos) break;
    const auto read = std::from_chars(path.data() + colon + 1, end, number);
    if (read.ec != std::errc() || read.ptr != end) break;
    numbers.push_back(number);
    path.resize(colon);
  }
  if (numbers.size() < 2) path = text;
  span.file = std::make_shared<const SourceText>(SourceText{path, ""});
  if (numbers.size() == 2) {
    span.column = numbers[0];
    span.line = numbers[1];
  }
  return span;
}

CheckState StateOf(const v1::CheckState& message, const v1::Check& check) {
  CheckState state;
  state.check = check.id();
  state.table = check.table();
  state.status = FromMessage(message.status());
  state.since = TimeOf(message.has_since(), message.since());
  state.error = message.error();
  state.last_run = FromMessage(message.last_run_time()).value_or(Timestamp());
  state.last_success = TimeOf(message.has_last_success_time(), message.last_success_time());
  if (message.has_value()) state.value = message.value();
  if (message.has_expected_min()) state.expected_min = message.expected_min();
  if (message.has_expected_max()) state.expected_max = message.expected_max();
  state.sentence = message.sentence();
  state.newest = TimeOf(message.has_newest_time(), message.newest_time());
  state.deadline = TimeOf(message.has_deadline(), message.deadline());
  if (message.has_rows()) state.rows = message.rows();
  for (const v1::GroupCount& group : message.groups()) {
    if (const auto status = FromMessage(group.status())) state.groups[*status] = group.groups();
  }
  state.schema_changes = message.schema_changes();
  return state;
}

Span PlaceOf(const std::string& file, int line, int column, int length) {
  Span span;
  if (!file.empty()) span.file = std::make_shared<const SourceText>(SourceText{file, ""});
  span.line = line;
  span.column = column;
  span.length = std::max(length, 1);
  return span;
}

}  // namespace

std::shared_ptr<const Table> CheckBook::TableOf(const v1::Check& message) {
  std::shared_ptr<const Table>& known = tables_[message.table()];
  if (known) return known;
  auto table = std::make_shared<Table>();
  if (auto name = ParseTableName(message.table(), message.source())) {
    table->name = std::move(*name);
  } else {
    table->name = {message.source(), "", message.table()};
  }
  // Only a wildcard that matched nothing has a check whose id is not its table's.
  table->is_pattern = !message.id().starts_with(message.table() + ":");
  table->owner = message.owner();
  table->tier = message.tier();
  known = std::move(table);
  return known;
}

const KnownCheck& CheckBook::Add(const v1::Check& message) {
  auto check = std::make_shared<Check>();
  check->id = message.id();
  check->table = TableOf(message);
  check->kind = message.kind();
  check->name = message.name();
  check->severity = SeverityOf(message.severity());
  check->tags = {message.tags().begin(), message.tags().end()};
  check->description = message.description();
  check->runbook = message.runbook();
  check->declared_at = PlaceOf(message.declared_at());
  check->pilot.on = message.pilot();
  KnownCheck known;
  known.check = std::move(check);
  if (message.state().has_last_run_time()) known.state = StateOf(message.state(), message);
  known.next_run = TimeOf(message.state().has_next_run_time(), message.state().next_run_time());
  return known_[message.id()] = std::move(known);
}

CheckPtr CheckBook::FindOrMake(const std::string& id) {
  const auto found = known_.find(id);
  if (found != known_.end()) return found->second.check;
  v1::Check message;
  message.set_id(id);
  if (const auto table = TableOfId(id)) {
    message.set_table(table->Full());
    message.set_source(table->source);
  }
  return Add(message).check;
}

std::vector<KnownCheck> CheckBook::All() const {
  std::vector<KnownCheck> all;
  for (const auto& [id, known] : known_) all.push_back(known);
  return all;
}

v1::Selection ToMessage(const Selection& selection) {
  v1::Selection message;
  for (const std::string& word : selection.tables) message.add_tables(word);
  for (const std::string& word : selection.tags) message.add_tags(word);
  for (const std::string& word : selection.owners) message.add_owners(word);
  for (const std::string& word : selection.sources) message.add_sources(word);
  return message;
}

Verdict FromMessage(const v1::Verdict& message, CheckPtr check) {
  Verdict verdict;
  verdict.check = std::move(check);
  verdict.status = FromMessage(message.status()).value_or(Status::kError);
  verdict.at = FromMessage(message.time()).value_or(Timestamp());
  verdict.observed = ValueOf(message.observed(),
                             message.has_value() ? std::optional<double>(message.value()) : std::nullopt);
  verdict.expected = message.expected();
  if (message.has_expected_min()) verdict.expected_min = message.expected_min();
  if (message.has_expected_max()) verdict.expected_max = message.expected_max();
  verdict.sentence = message.sentence();
  verdict.proof = message.proof();
  verdict.group = message.group();
  for (const v1::GroupVerdict& group : message.groups()) {
    verdict.groups.push_back(
        {group.group(), FromMessage(group.status()).value_or(Status::kError),
         ValueOf(group.observed(), group.has_value() ? std::optional<double>(group.value()) : std::nullopt),
         group.sentence()});
  }
  if (message.has_error()) verdict.error = FromMessage(message.error());
  verdict.suppressed = message.suppressed();
  verdict.pilot = message.pilot();
  verdict.reused = message.reused();
  verdict.window_to = TimeOf(message.has_window_end_time(), message.window_end_time());
  verdict.deadline = TimeOf(message.has_deadline(), message.deadline());
  return verdict;
}

Error FromMessage(const v1::MeasureError& message) {
  return {CodeNamed(message.code()), message.message(), message.sqlstate()};
}

Error FromMessage(const v1::SourceError& message) {
  return MakeError(CodeNamed(message.code()), message.message());
}

VerdictRow FromMessage(const v1::Verdict& message) {
  return {message.check(), message.run_id(), FromMessage(message.time()).value_or(Timestamp()),
          FromMessage(message.status()).value_or(Status::kError), message.sentence()};
}

MeasurementRow FromMessage(const v1::Measurement& message) {
  MeasurementRow row;
  row.group = message.group();
  row.at = FromMessage(message.time()).value_or(Timestamp());
  row.value = ValueOf(message.observed(),
                      message.has_value() ? std::optional<double>(message.value()) : std::nullopt);
  row.status = FromMessage(message.status()).value_or(Status::kError);
  row.windowed = message.windowed();
  row.accepted = message.accepted();
  return row;
}

Diagnostics FromMessage(const google::protobuf::RepeatedPtrField<v1::Diagnostic>& messages) {
  Diagnostics diagnostics;
  for (const v1::Diagnostic& message : messages) {
    const Span span = PlaceOf(message.file(), message.line(), message.column(), message.length());
    Diagnostic& made = message.severity() == v1::Diagnostic::SEVERITY_WARNING
                           ? diagnostics.Warning(span, message.message(), message.hint())
                           : diagnostics.Error(span, message.message(), message.hint());
    for (const v1::DiagnosticNote& note : message.notes()) {
      made.notes.push_back({PlaceOf(note.file(), note.line(), note.column(), note.length()), note.message()});
    }
  }
  return diagnostics;
}

}  // namespace amont
