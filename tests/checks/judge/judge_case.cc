#include "tests/checks/judge/judge_case.h"

#include <fmt/format.h>

#include <limits>
#include <sstream>
#include <stdexcept>

#include "checks/judge/judge.h"

namespace amont::testing {
namespace {

using Words = std::vector<std::string>;

[[noreturn]] void Bad(const std::string& what) { throw std::runtime_error("cannot read " + what); }

template <class T>
T Must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *result;
}

Words Split(const std::string& text, char separator) {
  Words words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// 06:00 and 06:00Z get their seconds.
std::string WithSeconds(std::string text) {
  const size_t t = text.find('T');
  if (t != std::string::npos && text.size() >= t + 6 && (text.size() == t + 6 || text[t + 6] != ':'))
    text.insert(t + 6, ":00");
  return text;
}

Timestamp Instant(const std::string& text) { return Must(ParseTimestamp(WithSeconds(text))); }
Duration Span(const std::string& text) { return Must(ParseDuration(text)); }

Bounds ParseBounds(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots == std::string::npos) Bad("bounds " + text);
  const std::string low = text.substr(0, dots);
  const std::string high = text.substr(dots + 2);
  return {low.empty() ? Value() : ParseCaseValue(low), high.empty() ? Value() : ParseCaseValue(high)};
}

ChangeBounds ParseChange(const std::string& text) {
  const size_t dots = text.find("..");
  if (dots == std::string::npos) Bad("change " + text);
  ChangeBounds bounds;
  bounds.relative = text.find('%') != std::string::npos;
  const auto side = [&](const std::string& one) -> std::optional<double> {
    if (one.empty()) return std::nullopt;
    const double number = std::stod(one);
    return bounds.relative ? number / 100 : number;
  };
  bounds.min = side(text.substr(0, dots));
  bounds.max = side(text.substr(dots + 2));
  return bounds;
}

Metric ParseMetric(const Words& words) {
  using Function = Aggregate::Function;
  const std::string& kind = words.at(1);
  const std::string column = words.size() > 2 ? words[2] : "";
  if (kind == "rows") return RowCount{};
  if (kind == "newest") return NewestTimestamp{Split(column, ','), TimeFormat::kNative};
  if (kind == "nulls") return NullCount{column};
  if (kind == "distinct") return DistinctCount{column};
  if (kind == "duplicates") return DuplicateCount{Split(column, ',')};
  if (kind == "min") return Aggregate{Function::kMin, column};
  if (kind == "max") return Aggregate{Function::kMax, column};
  if (kind == "mean") return Aggregate{Function::kMean, column};
  if (kind == "sum") return Aggregate{Function::kSum, column};
  if (kind == "stddev") return Aggregate{Function::kStddev, column};
  if (kind == "percentile") return Percentile{column, std::stod(words.at(3))};
  if (kind == "accepted") return OutsideAccepted{column, {}};
  if (kind == "pattern") return PatternMismatch{column, words.at(3)};
  if (kind == "length") {
    const Bounds bounds = ParseBounds(words.at(3));
    return LengthOutside{column, AsInteger(bounds.min), AsInteger(bounds.max)};
  }
  if (kind == "orphans") {
    const Words parts = Split(words.at(3), '.');
    return Orphans{column, TableName{"src", parts.at(0), parts.at(1)}, parts.at(2)};
  }
  if (kind == "columns") return Columns{};
  if (kind == "mark") return ChangeMark{};
  if (kind == "query") return CustomValue{"SELECT 1"};
  if (kind == "fail_rows") return FailRows{"SELECT 1"};
  Bad("metric " + kind);
}

Between ParseBetween(const Words& words) {
  Between between;
  for (size_t i = 2; i < words.size(); ++i) {
    if (words[i] == "ratio") {
      between.as_ratio = true;
    } else if (words[i] == "fail") {
      between.fail = ParseBounds(words.at(++i));
    } else if (words[i] == "warn") {
      between.warn = ParseBounds(words.at(++i));
    } else if (words[i] == "group") {
      const std::string& group = words.at(++i);
      between.groups[group] = ParseBounds(words.at(++i));
    } else {
      Bad("between " + words[i]);
    }
  }
  return between;
}

MaxAge ParseAge(const Words& words) {
  MaxAge age;
  for (size_t i = 2; i + 1 < words.size(); i += 2)
    (words[i] == "fail" ? age.fail : age.warn) = Span(words[i + 1]);
  return age;
}

ChangeWithin ParseChangeWithin(const Words& words) {
  ChangeWithin change;
  change.versus = Span(words.at(2));
  for (size_t i = 3; i + 1 < words.size(); i += 2) {
    (words[i] == "fail" ? change.fail : change.warn) = ParseChange(words[i + 1]);
  }
  return change;
}

ColumnsMatch ParseColumnsMatch(const Words& words) {
  ColumnsMatch match;
  match.mode = words.at(2) == "exact"     ? ColumnsMatch::Mode::kExact
               : words.at(2) == "ordered" ? ColumnsMatch::Mode::kOrdered
                                          : ColumnsMatch::Mode::kContains;
  return match;
}

ArrivedBy ParseArrivedBy(const std::string& cron, const Zone& zone) {
  ArrivedBy arrived;
  arrived.deadline = Must(Schedule::Parse(cron, zone));
  return arrived;
}

Expectation ParseExpectation(const Words& words, const std::string& rest, const Zone& zone) {
  const std::string& kind = words.at(1);
  if (kind == "between") return ParseBetween(words);
  if (kind == "age") return ParseAge(words);
  if (kind == "by") return ParseArrivedBy(rest.substr(3), zone);
  if (kind == "change") return ParseChangeWithin(words);
  if (kind == "columns") return ParseColumnsMatch(words);
  if (kind == "drift") {
    NoDrift drift;
    drift.fail = words.at(2) == "fail";
    if (words.size() > 3) drift.drift_for = Span(words[3]);
    return drift;
  }
  if (kind == "exists") return Exists{words.size() > 2 ? Split(words[2], ',') : Words()};
  if (kind == "not_emptied") return NotEmptied{};
  Bad("expectation " + kind);
}

FuturePolicy ParseFuture(const std::string& text) {
  if (text == "ignore") return FuturePolicy::kIgnore;
  return text == "fail" ? FuturePolicy::kFail : FuturePolicy::kWarn;
}

std::vector<CatalogColumn> ParseColumns(const Words& words, size_t from) {
  std::vector<CatalogColumn> columns;
  for (size_t i = from; i < words.size(); ++i) {
    const Words parts = Split(words[i], ':');
    CatalogColumn column;
    column.name = parts.at(0);
    column.type = ParseColumnType(parts.at(1));
    column.nullable = parts.size() < 3;
    columns.push_back(std::move(column));
  }
  return columns;
}

std::shared_ptr<const Calendar> ParseCalendar(const Words& words, const Zone& zone) {
  auto calendar = std::make_shared<Calendar>();
  calendar->name = "business";
  calendar->zone = zone;
  calendar->weekdays = Must(ParseWeekdays(words.at(1)));
  for (size_t i = 2; i < words.size(); ++i) calendar->holidays.insert(Must(ParseDate(words[i])));
  return calendar;
}

PastPoint ParsePast(const Words& words) {
  PastPoint point;
  point.at = point.first_measured = Instant(words.at(1));
  point.value = ParseCaseValue(words.at(2));
  for (size_t i = 3; i < words.size(); ++i) {
    if (const auto status = ParseStatus(words[i])) {
      point.status = *status;
    } else if (words[i][0] == '@') {
      point.group = words[i].substr(1);
    } else if (words[i].starts_with("mark=")) {
      point.mark = words[i].substr(5);
    } else if (words[i] == "accepted") {
      point.accepted = true;
    } else if (words[i] == "windowed") {
      point.window_to = point.at;
    } else {
      Bad("past " + words[i]);
    }
  }
  return point;
}

// Reads one case, line by line. What belongs to all measurements is put into them at the end.
class Reader {
 public:
  void Line(const std::string& line) {
    const Words words = Split(line, ' ');
    if (words.empty() || words[0][0] == '#') return;
    const std::string& word = words[0];
    const std::string rest = line.size() > word.size() ? line.substr(word.size() + 1) : "";
    if (!OfCheck(word, words, rest) && !OfExpectation(word, words, rest) && !OfPast(word, words, rest)) {
      OfMeasurement(word, words, rest);
    }
  }

  JudgeCase Finish() {
    const Metric& metric = case_.check->measure.metric;
    const bool of_catalog =
        std::holds_alternative<Columns>(metric) || std::holds_alternative<ChangeMark>(metric);
    if (of_catalog && case_.measurements.empty()) case_.measurements.emplace_back();
    for (Measurement& measurement : case_.measurements) {
      measurement.at = case_.now;
      measurement.source_now = source_now_.value_or(case_.now);
      if (measurement.role != Role::kReference) measurement.window_to = window_to_;
      if (of_catalog) measurement.facts = case_.facts.get();
    }
    case_.check->table = case_.table;
    return std::move(case_);
  }

 private:
  bool OfCheck(const std::string& word, const Words& words, const std::string& rest) {
    Measure& measure = case_.check->measure;
    if (word == "metric")
      measure.metric = ParseMetric(words);
    else if (word == "per")
      measure.per = ParseMetric(words);
    else if (word == "where")
      measure.where = rest;
    else if (word == "window")
      measure.window = Window{words.at(1), Span(words.at(2)), Span(words.size() > 3 ? words[3] : "0s")};
    else if (word == "group_by")
      measure.group_by = words.at(1);
    else if (word == "groups")
      case_.check->groups_expected = Split(words.at(1), ',');
    else if (word == "zone")
      case_.table->zone = Must(Zone::Load(words.at(1)));
    else if (word == "calendar")
      case_.table->calendar = ParseCalendar(words, case_.table->zone);
    else if (word == "table")
      case_.table->name = Must(ParseTableName(words.at(1), "src"));
    else if (word == "a_pattern")
      case_.table->is_pattern = true;
    else if (word == "pii")
      for (std::string& column : Split(words.at(1), ',')) case_.table->pii.push_back({std::move(column)});
    else if (word == "on_empty")
      case_.check->on_empty = ParseStatus(words.at(1)).value();
    else
      return false;
    return true;
  }

  bool OfExpectation(const std::string& word, const Words& words, const std::string& rest) {
    Expectation& expectation = case_.check->expectation;
    if (word == "expect") {
      expectation = ParseExpectation(words, rest, case_.table->zone);
    } else if (word == "grace") {
      std::get<ArrivedBy>(expectation).grace = Span(words.at(1));
    } else if (word == "since") {
      std::get<ArrivedBy>(expectation).since = Span(words.at(1));
    } else if (word == "future") {
      if (auto* age = std::get_if<MaxAge>(&expectation)) age->future = ParseFuture(words.at(1));
      if (auto* by = std::get_if<ArrivedBy>(&expectation)) by->future = ParseFuture(words.at(1));
    } else if (word == "column") {
      ExpectedColumn column;
      column.name = words.at(1);
      for (size_t i = 2; i < words.size(); ++i) {
        if (words[i] == "null" || words[i] == "not_null")
          column.nullable = words[i] == "null";
        else
          column.type = ParseColumnType(words[i]);
      }
      std::get<ColumnsMatch>(expectation).columns.push_back(std::move(column));
    } else if (word == "forbid") {
      std::get<ColumnsMatch>(expectation).forbid.push_back(words.at(1));
    } else {
      return false;
    }
    return true;
  }

  bool OfPast(const std::string& word, const Words& words, const std::string& rest) {
    if (word == "now")
      case_.now = Instant(words.at(1));
    else if (word == "source_now")
      source_now_ = Instant(words.at(1));
    else if (word == "window_to")
      window_to_ = Instant(words.at(1));
    else if (word == "show")
      case_.show = Words(words.begin() + 1, words.end());
    else if (word == "past")
      case_.history.points.push_back(ParsePast(words));
    else if (word == "accepted")
      case_.history.accepted = AcceptedSchema{ParseColumns(words, 2), Instant(words.at(1))};
    else if (word == "pending")
      case_.history.pending = PendingSchema{ParseColumns(words, 2), Instant(words.at(1))};
    else if (word == "facts")
      Facts().columns = ParseColumns(words, 1);
    else if (word == "change_mark")
      Facts().change_mark = rest;
    else if (word == "change_mark_error")
      Facts().change_mark_error = rest;
    else if (word == "read_error")
      Facts().read_error = rest;
    else if (word == "no_table")
      case_.facts.reset();
    else
      return false;
    return true;
  }

  void OfMeasurement(const std::string& word, const Words& words, const std::string& rest) {
    static const std::map<std::string, Role> kRoles = {{"value", Role::kValue},
                                                       {"per_value", Role::kPer},
                                                       {"rows", Role::kRows},
                                                       {"ahead", Role::kFuture},
                                                       {"reference", Role::kReference}};
    const size_t at = word.find('@');
    Measurement measurement;
    if (at != std::string::npos) measurement.group = word.substr(at + 1);
    if (word == "error") {
      measurement.role = kRoles.at(words.at(1));
      measurement.error = MakeError(ErrorCode::kTimeout, rest.substr(words[1].size() + 1));
    } else {
      const auto role = kRoles.find(word.substr(0, at));
      if (role == kRoles.end()) Bad("line: " + word + " " + rest);
      measurement.role = role->second;
      const bool quoted = rest.starts_with("'");
      measurement.value = ParseCaseValue(quoted ? rest : words.at(1));
      if (measurement.role == Role::kReference && words.size() > 2) measurement.window_to = Instant(words[2]);
    }
    case_.measurements.push_back(std::move(measurement));
  }

  CatalogTable& Facts() {
    if (!case_.facts) case_.facts = std::make_shared<CatalogTable>();
    return *case_.facts;
  }

  JudgeCase case_;
  std::optional<Timestamp> source_now_;
  std::optional<Timestamp> window_to_;
};

std::string Shown(const std::string& what, const Verdict& verdict) {
  const auto number = [](const std::optional<double>& one) {
    return one ? HumanText(Value(*one)) : std::string();
  };
  if (what == "observed")
    return fmt::format("observed {} {}", KindName(verdict.observed), StoredText(verdict.observed));
  if (what == "expected")
    return fmt::format("expected {}..{}", number(verdict.expected_min), number(verdict.expected_max));
  if (what == "deadline")
    return "deadline " + (verdict.deadline ? FormatTimestamp(*verdict.deadline) : "none");
  if (what == "mark") return "mark " + verdict.mark;
  Bad("show " + what);
}

}  // namespace

Value ParseCaseValue(const std::string& text) {
  if (text == "null") return {};
  if (text == "true" || text == "false") return text == "true";
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text.starts_with("dec:")) return Decimal{text.substr(4)};
  if (text.starts_with("'")) return text.substr(1, text.size() - 2);
  if (const auto day = ParseDate(text)) return *day;
  const std::string whole = WithSeconds(text);
  if (const auto at = ParseTimestamp(whole)) {
    if (HasOffset(whole)) return *at;
    return LocalTime(at->time_since_epoch());
  }
  const bool integer = text.find_first_of(".eE") == std::string::npos;
  const Value number = ParseStored(integer ? "integer" : "double", text);
  if (std::holds_alternative<std::string>(number)) Bad("value " + text);
  return number;
}

JudgeCase ParseJudgeCase(const std::string& text) {
  Reader reader;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) reader.Line(line);
  return reader.Finish();
}

std::string AnswerJudgeCase(const std::string& text) {
  try {
    const JudgeCase one = ParseJudgeCase(text);
    const Verdict verdict = Judge(one.check, one.measurements, one.history, one.now);
    std::string answer = fmt::format("{}: {}\n", ToString(verdict.status), verdict.sentence);
    for (const GroupVerdict& group : verdict.groups) {
      answer += fmt::format("  {} {}: {}\n", group.group, ToString(group.status), group.sentence);
    }
    for (const std::string& what : one.show) answer += Shown(what, verdict) + "\n";
    if (verdict.accept_schema) answer += "accepts the schema\n";
    return answer;
  } catch (const std::exception& error) {
    return std::string("unreadable case: ") + error.what();
  }
}

}  // namespace amont::testing
