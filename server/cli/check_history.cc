#include "server/cli/check_history.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/unicode.h"
#include "server/cli/json_fields.h"
#include "server/cli/sparkline.h"

namespace amont {

namespace {

constexpr size_t kIndent = 10;  // after the longest label
constexpr size_t kSparkMax = 120;

std::string Seconds(Timestamp at) { return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(at)); }

// Newest rows are shown as their age: their times only ever grow.
bool IsAge(const MeasurementRow& row) { return std::holds_alternative<Timestamp>(row.value); }

std::optional<double> NumberOf(const MeasurementRow& row) {
  if (!IsAge(row)) return AsNumber(row.value);
  return std::chrono::duration<double>(row.at - std::get<Timestamp>(row.value)).count();
}

std::string NumberWords(double number, bool is_age) {
  if (!is_age) return HumanText(Value(number));
  const auto age = std::chrono::duration<double>(number);
  return HumanDuration(std::chrono::duration_cast<Duration>(age));
}

std::string ValueWords(const MeasurementRow& row) {
  if (!IsAge(row)) return Printable(HumanText(row.value));
  return fmt::format("{} old ({})", NumberWords(*NumberOf(row), true), HumanText(row.value));
}

// "at least 5", "0 to 9"; empty where there are no numbers.
std::string BoundWords(const std::optional<KnownCheck>& known, bool is_age) {
  if (!known || !known->state) return {};
  const auto& low = known->state->expected_min;
  const auto& high = known->state->expected_max;
  if (low && high) {
    return fmt::format("{} to {}", NumberWords(*low, is_age), NumberWords(*high, is_age));
  }
  if (low) return "at least " + NumberWords(*low, is_age);
  if (high) return "at most " + NumberWords(*high, is_age);
  return {};
}

struct Series {
  std::vector<std::optional<double>> points;
  const MeasurementRow* last = nullptr;
};

// "▁▂█  1 to 3,204"
std::string Drawn(const Sheet& sheet, const Series& series, size_t width) {
  const auto numbers = [&] {
    std::vector<double> found;
    for (const auto& point : series.points) {
      if (point) found.push_back(*point);
    }
    return found;
  }();
  if (numbers.empty()) return {};
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  const bool is_age = IsAge(*series.last);
  std::string span = NumberWords(*low, is_age);
  if (*low < *high) span += " to " + NumberWords(*high, is_age);
  return fmt::format("{}  {}", Sparkline(series.points, width, sheet.style().unicode), span);
}

std::map<std::string, Series> SeriesOf(const CheckHistory& history) {
  std::map<std::string, Series> groups;
  for (const MeasurementRow& row : history.measured) {
    Series& series = groups[row.group];
    series.points.push_back(NumberOf(row));
    series.last = &row;
  }
  return groups;
}

std::string StatusWord(const Sheet& sheet, Status status) {
  const std::string word(ToString(status));
  return sheet.Tinted(TintOf(status), word) + std::string(kIndent - word.size(), ' ');
}

void Label(Sheet& sheet, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  sheet.Line(fmt::format("  {:<{}}{}", label, kIndent, text));
}

void RenderHead(Sheet& sheet, const CheckHistory& history, bool is_age) {
  std::vector<std::string> facts;
  if (history.known) {
    const Check& check = *history.known->check;
    if (!check.table->owner.empty()) facts.push_back("owner " + Printable(check.table->owner));
    facts.emplace_back(ToString(check.severity));
    if (const std::string place = check.declared_at.ToString(); !place.empty()) {
      facts.push_back(Printable(place));
    }
  } else {
    facts.emplace_back("no longer declared");
  }
  sheet.Line(fmt::format("{}  {}", sheet.Tinted(Tint::kBold, Printable(history.check)),
                         sheet.Tinted(Tint::kDim, fmt::format("{}", fmt::join(facts, " · ")))));
  if (history.known && history.known->state) {
    const CheckState& state = *history.known->state;
    const Status now = history.known->now().value_or(Status::kNoData);
    const std::string since = state.since && state.error.empty() ? " since " + Seconds(*state.since) : "";
    Label(sheet, "now",
          fmt::format("{}{}: {}", sheet.Tinted(TintOf(now), ToString(now)), since,
                      Printable(state.error.empty() ? state.sentence : state.error)));
  }
  Label(sheet, "expected", BoundWords(history.known, is_age));
}

void RenderGroups(Sheet& sheet, const CheckHistory& history, size_t width) {
  std::vector<std::pair<std::string, Series>> groups;
  for (auto& group : SeriesOf(history)) groups.emplace_back(std::move(group));
  std::stable_sort(groups.begin(), groups.end(), [](const auto& left, const auto& right) {
    return left.second.last->status > right.second.last->status;
  });
  sheet.Line();
  for (const auto& [name, series] : groups) {
    sheet.Line(fmt::format("  {}{}  {}", StatusWord(sheet, series.last->status),
                           sheet.Tinted(Tint::kBold, Printable(name)), ValueWords(*series.last)));
    if (const std::string drawn = Drawn(sheet, series, width); !drawn.empty()) {
      sheet.Line(std::string(kIndent + 2, ' ') + drawn);
    }
  }
}

// The newest of `rows`, one a line, oldest first.
template <class Row, class Render>
void RenderRows(Sheet& sheet, std::string_view title, const std::vector<Row>& rows, size_t limit,
                const Render& render) {
  const size_t shown = limit == 0 ? rows.size() : std::min(limit, rows.size());
  if (shown == 0) return;
  const std::string left_out =
      shown == rows.size() ? ""
                           : fmt::format(" (the last {} of {}; --limit 0 shows all)", shown, rows.size());
  sheet.Line();
  sheet.Line(sheet.Tinted(Tint::kDim, fmt::format("  {}{}", title, left_out)));
  for (size_t i = rows.size() - shown; i < rows.size(); ++i) {
    sheet.Line(
        fmt::format("  {}  {}{}", Seconds(rows[i].at), StatusWord(sheet, rows[i].status), render(rows[i])));
  }
}

}  // namespace

bool CheckHistory::IsGrouped() const {
  return !group && std::any_of(measured.begin(), measured.end(),
                               [](const MeasurementRow& row) { return !row.group.empty(); });
}

std::vector<VerdictRow> ChangesOf(const std::vector<VerdictRow>& verdicts) {
  std::vector<VerdictRow> changes;
  for (const VerdictRow& verdict : verdicts) {
    if (changes.empty() || changes.back().status != verdict.status) changes.push_back(verdict);
  }
  return changes;
}

std::string RenderHistoryText(const CheckHistory& history, const TextStyle& style, size_t limit) {
  Sheet sheet(style);
  const bool is_age = !history.measured.empty() && IsAge(history.measured.back());
  RenderHead(sheet, history, is_age);
  const std::string of_group = history.group ? " of group " + Printable(*history.group) : std::string();
  if (history.measured.empty()) {
    Label(sheet, "measured", fmt::format("nothing{} since {}", of_group, Seconds(history.since)));
  }
  const size_t width = std::min(style.width > 50 ? style.width - 40 : size_t{10}, kSparkMax);
  if (history.IsGrouped()) {
    RenderGroups(sheet, history, width);
  } else if (!history.measured.empty()) {
    const auto series = SeriesOf(history);
    Label(sheet, "measured", Drawn(sheet, series.begin()->second, width));
  }
  RenderRows(sheet, "changes of the verdict", history.changes, limit,
             [](const VerdictRow& row) { return Printable(row.sentence); });
  if (!history.IsGrouped()) {
    RenderRows(sheet, "measurements" + of_group, history.measured, limit, [](const MeasurementRow& row) {
      return ValueWords(row) + (row.accepted ? " (accepted)" : "");
    });
  }
  return sheet.Take();
}

std::string RenderHistoryJson(const CheckHistory& history) {
  JsonWriter json;
  json.BeginObject().Key("check").String(history.check).Key("told_by").String(history.told_by);
  if (history.group) json.Key("group").String(*history.group);
  json.Key("since").String(FormatTimestamp(history.since));
  if (history.known && history.known->state) {
    const CheckState& state = *history.known->state;
    json.Key("now").BeginObject();
    if (const auto now = history.known->now()) json.Key("status").String(ToString(*now));
    WriteOptional(json, "since", state.since);
    WriteText(json, "sentence", state.error.empty() ? state.sentence : state.error);
    WriteOptional(json, "expected_min", state.expected_min);
    WriteOptional(json, "expected_max", state.expected_max);
    json.EndObject();
  }
  json.Key("measurements").BeginArray();
  for (const MeasurementRow& row : history.measured) {
    json.BeginObject().Key("at").String(FormatTimestamp(row.at));
    WriteText(json, "group", row.group);
    json.Key("observed");
    WriteValue(json, row.value);
    json.Key("status").String(ToString(row.status));
    if (row.windowed) json.Key("windowed").Boolean(true);
    if (row.accepted) json.Key("accepted").Boolean(true);
    json.EndObject();
  }
  json.EndArray().Key("changes").BeginArray();
  for (const VerdictRow& row : history.changes) {
    json.BeginObject().Key("at").String(FormatTimestamp(row.at)).Key("status").String(ToString(row.status));
    json.Key("sentence").String(row.sentence).Key("run").Integer(row.run).EndObject();
  }
  json.EndArray().EndObject();
  return json.Text() + "\n";
}

}  // namespace amont
