// From rows to measurements: each slot found by its alias, times made instants.

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "checks/plan/planner.h"
#include "checks/plan/row_reader.h"

namespace amont {
namespace {

constexpr size_t kDateLength = 10;  // 2026-11-24

Result<Timestamp> FromUnix(double number, TimeFormat format) {
  const double micros = number * (format == TimeFormat::kUnixSeconds ? 1e6 : 1e3);
  constexpr double kMax = 9.2e18;
  if (!(micros > -kMax && micros < kMax)) return MakeError(ErrorCode::kData, "a time is out of range");
  return Timestamp(Duration(static_cast<int64_t>(micros)));
}

Result<Value> FromText(const std::string& text, const Zone& zone, Timestamp now) {
  if (text == "infinity") return Value(Timestamp::max());
  if (text == "-infinity") return Value();  // no row has a time
  if (text.size() == kDateLength) {
    AMONT_TRY(const Date day, ParseDate(text));
    return Value(day);
  }
  const auto at = ParseTimestamp(text);
  if (!at) return MakeError(ErrorCode::kData, "the newest value is not a time");
  if (HasOffset(text)) return Value(*at);
  return Value(zone.ToInstantNotAfter(LocalTime(at->time_since_epoch()), now));
}

// The instant that a time means to a check: a naive time is the latest such not after `now`. A day stays one:
// only the judge knows whether its end matters (an age) or that it is over (a deadline).
Result<Value> TimeOf(const Value& value, TimeFormat format, const Zone& zone, Timestamp now) {
  if (IsNull(value) || std::holds_alternative<Timestamp>(value) || std::holds_alternative<Date>(value))
    return value;
  if (const auto* local = std::get_if<LocalTime>(&value)) return Value(zone.ToInstantNotAfter(*local, now));
  if (format == TimeFormat::kUnixSeconds || format == TimeFormat::kUnixMillis) {
    if (const auto number = AsNumber(value)) {
      AMONT_TRY(const Timestamp at, FromUnix(*number, format));
      return Value(at);
    }
  }
  if (const auto* text = std::get_if<std::string>(&value)) return FromText(*text, zone, now);
  return MakeError(ErrorCode::kData, fmt::format("the newest value is not a time but {}", KindName(value)));
}

class Reading {
 public:
  Reading(const Statement& statement, const Rows& rows, std::span<const CheckPtr> checks,
          const PlanOptions& options)
      : statement_(statement), rows_(rows), checks_(checks), options_(options) {}

  std::vector<Answer> All() {
    const bool grouped = !statement_.group_by.empty();
    for (const Slot& slot : statement_.slots) {
      if (grouped) {
        ReadGroups(slot);
      } else {
        Add(slot, "", rows_.rows.empty() ? options_.now : NowOf(0), Single(slot));
      }
    }
    return std::move(answers_);
  }

 private:
  // The engine's clock when it answered; --as-of stands above it.
  Timestamp NowOf(size_t row) const {
    if (options_.as_of) return options_.now;
    const Value now = RowReader(rows_, row).Cell("now");
    if (const auto* at = std::get_if<Timestamp>(&now)) return *at;
    if (const auto* text = std::get_if<std::string>(&now)) {
      if (const auto at = ParseTimestamp(*text)) return *at;
    }
    return options_.now;
  }

  bool Has(const std::string& alias) const {
    return std::find(rows_.columns.begin(), rows_.columns.end(), alias) != rows_.columns.end();
  }

  Result<Value> Single(const Slot& slot) const {
    if (slot.alias.empty()) return OneValue(slot);
    if (!Has(slot.alias) || rows_.rows.size() != 1)
      return MakeError(ErrorCode::kInternal, "the answer is not in the result");
    return RowReader(rows_, 0).Cell(slot.alias);
  }

  // A user's query: one column (before our own `now`) and at most one row; none is a NULL.
  Result<Value> OneValue(const Slot& slot) const {
    const size_t columns = rows_.columns.size() - (slot.is_time && !rows_.columns.empty() ? 1 : 0);
    if (columns != 1) {
      return MakeError(ErrorCode::kData,
                       fmt::format("the query gives {} columns; a value is one row of one", columns));
    }
    if (rows_.rows.size() > 1) {
      return MakeError(ErrorCode::kData,
                       "the query gives more than one row; a value is one row of one column");
    }
    return rows_.rows.empty() ? Value() : rows_.rows[0][0];
  }

  void ReadGroups(const Slot& slot) {
    if (!rows_.rows.empty() && (!Has(slot.alias) || !Has("grp"))) {
      return Add(slot, "", options_.now, MakeError(ErrorCode::kInternal, "the answer is not in the result"));
    }
    for (size_t row = 0; row < rows_.rows.size(); ++row) {
      const RowReader reader(rows_, row);
      Add(slot, reader.Text("grp"), NowOf(row), reader.Cell(slot.alias));
    }
  }

  void Add(const Slot& slot, const std::string& group, Timestamp now, const Result<Value>& value) {
    for (const Use& use : slot.uses) {
      Measurement measurement;
      measurement.role = use.role;
      measurement.group = group;
      measurement.source_now = now;
      measurement.window_from = statement_.window_from;
      measurement.window_to = statement_.window_to;
      const Result<Value> read =
          value && slot.is_time ? TimeOf(*value, slot.format, checks_[use.check]->ZoneOf(), now) : value;
      if (read) {
        measurement.value = *read;
      } else {
        measurement.error = read.error();
      }
      answers_.push_back({use, std::move(measurement)});
    }
    if (slot.alias.empty() && rows_.rows.empty()) AddNoRows(slot, now);
  }

  // A user's query gave nothing at all, which is another thing than a NULL.
  void AddNoRows(const Slot& slot, Timestamp now) {
    for (const Use& use : slot.uses) {
      Measurement none;
      none.role = Role::kRows;
      none.source_now = now;
      none.value = int64_t{0};
      answers_.push_back({{use.check, Role::kRows}, std::move(none)});
    }
  }

  const Statement& statement_;
  const Rows& rows_;
  const std::span<const CheckPtr> checks_;
  const PlanOptions& options_;
  std::vector<Answer> answers_;
};

}  // namespace

std::vector<Answer> ReadAnswers(const Statement& statement, const Rows& rows,
                                std::span<const CheckPtr> checks, const PlanOptions& options) {
  return Reading(statement, rows, checks, options).All();
}

}  // namespace amont
