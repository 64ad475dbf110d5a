#include "server/telemetry/table_families.h"

#include <algorithm>
#include <optional>

namespace amont {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;

constexpr std::array<FamilyHead, kTableFamilies> kHeads = {{
    {"amont_check_status", kGauge, "1 for the check's last verdict other than error."},
    {"amont_check_error", kGauge, "1 while the last run could not measure the check."},
    {"amont_check_info", kGauge, "1, with what is declared of the check and its owner's labels."},
    {"amont_check_last_run_timestamp_seconds", kGauge, "When the check last ran."},
    {"amont_check_last_success_timestamp_seconds", kGauge, "When the check was last measured."},
    {"amont_check_next_run_timestamp_seconds", kGauge,
     "Due time of the check's oldest slot that is not completed."},
    {"amont_check_value", kGauge,
     "What the check observed, of its worst group; ages in seconds when measured."},
    {"amont_check_expected_min", kGauge, "The least value that is good."},
    {"amont_check_expected_max", kGauge, "The greatest value that is good."},
    {"amont_check_groups", kGauge, "How many groups of the check stand so."},
    {"amont_table_last_update_timestamp_seconds", kGauge, "The newest row of the table."},
    {"amont_table_freshness_deadline_timestamp_seconds", kGauge,
     "When the table's freshness turns fail if nothing arrives, pilots aside."},
    {"amont_table_rows", kGauge, "Rows of the table when last counted."},
    {"amont_table_worst_status", kGauge,
     "The worst of the table's checks, pilots aside: 0 pass, 1 learning, 2 no_data, 3 warn, 4 error, 5 fail."},
    {"amont_table_info", kGauge, "1, with what is declared of the table."},
    {"amont_table_schema_changes_total", MetricType::kCounter, "Changes of the table's schema."},
}};

// Writes the lines of tables, one after another.
class Writer {
 public:
  Writer(FamilyLines& lines, Timestamp now) : lines_(lines), now_(now) {}

  void Write(const StateMap::TableChecks& checks) {
    const Table& table = *checks.front()->check->table;
    table_labels_ = "{";
    AppendLabel(table_labels_, "source", table.name.source);
    table_labels_ += ',';
    AppendLabel(table_labels_, "table", table.name.Local());
    declared_.clear();
    if (table.tier != 0) declared_ += ",tier=\"" + std::to_string(table.tier) + "\"";
    if (!table.owner.empty()) {
      declared_ += ',';
      AppendLabel(declared_, "data_owner", table.owner);
    }
    summary_ = {};
    for (const KnownCheckPtr& known : checks) WriteCheck(*known);
    WriteTable();
  }

 private:
  // What a table's checks say of the table.
  struct Summary {
    std::optional<Timestamp> newest;
    std::optional<Timestamp> deadline;
    std::optional<int64_t> rows;
    std::optional<Timestamp> counted;  // when
    std::optional<Status> worst;
    std::optional<int64_t> schema_changes;
  };

  template <class Number>
  void Line(TableFamily family, const std::string& labels, std::string_view more, Number value) {
    std::string& out = lines_[static_cast<size_t>(family)];
    out += HeadOf(family).name;
    out += labels;
    out += more;
    out += "} ";
    AppendNumber(out, value);
    out += '\n';
  }
  template <class Number>
  void LineIf(TableFamily family, const std::string& labels, const std::optional<Number>& value) {
    if (value) Line(family, labels, {}, *value);
  }

  static std::string StatusLabel(Status status) {
    return ",status=\"" + std::string(ToString(status)) + "\"";
  }

  void WriteCheck(const KnownCheck& known) {
    const Check& check = *known.check;
    check_labels_ = table_labels_ + ',';
    AppendLabel(check_labels_, "check", check.id);
    std::string kind = ",";
    AppendLabel(kind, "kind", check.kind);
    std::string info = kind + ",severity=\"" + std::string(ToString(check.severity)) + "\"" + declared_;
    if (known.owner != nullptr) AppendForeignLabels(info, known.owner->labels);
    Line(TableFamily::kCheckInfo, check_labels_, info, int64_t{1});
    LineIf(TableFamily::kCheckNextRun, check_labels_, known.next_run);
    if (known.state) WriteState(check, *known.state, kind);
    if (known.state && !check.IsPilot(now_)) Judge(*known.state, known.now());
  }

  // What may page somebody.
  void Judge(const CheckState& state, std::optional<Status> status) {
    summary_.worst = std::max(summary_.worst, status);
    if (state.deadline && (!summary_.deadline || *state.deadline < *summary_.deadline)) {
      summary_.deadline = state.deadline;
    }
  }

  void WriteState(const Check& check, const CheckState& state, const std::string& kind) {
    if (state.status) {
      Line(TableFamily::kCheckStatus, check_labels_, kind + StatusLabel(*state.status), int64_t{1});
    }
    if (!state.error.empty()) Line(TableFamily::kCheckError, check_labels_, {}, int64_t{1});
    Line(TableFamily::kCheckLastRun, check_labels_, {}, state.last_run);
    LineIf(TableFamily::kCheckLastSuccess, check_labels_, state.last_success);
    LineIf(TableFamily::kCheckValue, check_labels_, state.value);
    LineIf(TableFamily::kCheckExpectedMin, check_labels_, state.expected_min);
    LineIf(TableFamily::kCheckExpectedMax, check_labels_, state.expected_max);
    for (const auto& [status, groups] : state.groups) {
      Line(TableFamily::kCheckGroups, check_labels_, StatusLabel(status), groups);
    }
    summary_.newest = std::max(summary_.newest, state.newest);
    if (state.rows && state.last_success >= summary_.counted) {
      summary_.rows = state.rows;
      summary_.counted = state.last_success;
    }
    if (std::holds_alternative<NoDrift>(check.expectation)) {
      summary_.schema_changes = summary_.schema_changes.value_or(0) + state.schema_changes;
    }
  }

  void WriteTable() {
    LineIf(TableFamily::kTableLastUpdate, table_labels_, summary_.newest);
    LineIf(TableFamily::kTableDeadline, table_labels_, summary_.deadline);
    LineIf(TableFamily::kTableRows, table_labels_, summary_.rows);
    if (summary_.worst) {
      Line(TableFamily::kTableWorstStatus, table_labels_, {}, static_cast<int64_t>(*summary_.worst));
    }
    Line(TableFamily::kTableInfo, table_labels_, declared_, int64_t{1});
    LineIf(TableFamily::kTableSchemaChanges, table_labels_, summary_.schema_changes);
  }

  FamilyLines& lines_;
  Timestamp now_;
  std::string table_labels_;  // {source="…",table="…"
  std::string check_labels_;  // the same and check="…"
  std::string declared_;      // ,tier="…",data_owner="…"
  Summary summary_;
};

}  // namespace

const FamilyHead& HeadOf(TableFamily family) { return kHeads[static_cast<size_t>(family)]; }

void RenderTables(std::span<const StateMap::TableChecks> tables, Timestamp now, FamilyLines& lines) {
  for (std::string& text : lines) text.clear();
  Writer writer(lines, now);
  for (const StateMap::TableChecks& table : tables) writer.Write(table);
}

}  // namespace amont
