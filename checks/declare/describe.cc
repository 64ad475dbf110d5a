#include "checks/declare/describe.h"

#include <fmt/format.h>

#include <utility>
#include <variant>
#include <vector>

namespace amont {
namespace {

// What there is to say of one thing, in order; empty values are left out.
class Facts {
 public:
  using Value =
      std::variant<std::string, int64_t, bool, std::vector<std::string>, std::map<std::string, std::string>>;

  void Add(std::string_view key, Value value) {
    if (!IsDefault(value)) facts_.emplace_back(key, std::move(value));
  }

  std::string Text(std::string_view separator) const {
    std::string text;
    for (const auto& [key, value] : facts_) text += fmt::format("{}{} {}", separator, key, TextOf(value));
    return text;
  }

  void WriteJson(JsonWriter& json) const {
    for (const auto& [key, value] : facts_) {
      json.Key(key);
      Write(json, value);
    }
  }

 private:
  static bool IsDefault(const Value& value) {
    return std::visit([](const auto& held) { return held == std::decay_t<decltype(held)>(); }, value);
  }

  static std::string TextOf(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
    if (std::holds_alternative<bool>(value)) return "true";
    std::string text;
    const auto add = [&](const std::string& item) { text += (text.empty() ? "" : ", ") + item; };
    if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
      for (const std::string& item : *items) add(item);
    } else {
      for (const auto& [name, held] : std::get<std::map<std::string, std::string>>(value))
        add(name + " = " + held);
    }
    return text;
  }

  static void Write(JsonWriter& json, const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      json.String(*text);
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      json.Integer(*number);
    } else if (std::holds_alternative<bool>(value)) {
      json.Boolean(true);
    } else if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
      json.BeginArray();
      for (const std::string& item : *items) json.String(item);
      json.EndArray();
    } else {
      json.BeginObject();
      for (const auto& [name, held] : std::get<std::map<std::string, std::string>>(value)) {
        json.Key(name);
        json.String(held);
      }
      json.EndObject();
    }
  }

  std::vector<std::pair<std::string_view, Value>> facts_;
};

std::string MeasureText(const Measure& measure) {
  std::string text = ToText(measure.metric);
  if (measure.per) text += " per " + ToText(*measure.per);
  if (const auto& window = measure.window) {
    text += fmt::format(" over the last {} of {}", FormatDuration(window->last), window->column);
    if (window->delay > Duration{0}) text += fmt::format(" closed for {}", FormatDuration(window->delay));
  }
  if (!measure.group_by.empty()) text += " by " + measure.group_by;
  if (!measure.where.empty()) text += " where " + measure.where;
  return text;
}

Facts FactsOf(const Table& table) {
  Facts facts;
  facts.Add("description", table.description);
  facts.Add("owner", table.owner);
  facts.Add("tier", static_cast<int64_t>(table.tier));
  facts.Add("schedule", table.schedule.text());
  facts.Add("timezone", table.zone.name());
  facts.Add("calendar", table.calendar == nullptr ? std::string() : table.calendar->name);
  facts.Add("scope", table.scope);
  std::vector<std::string> upstream;
  for (const TableName& name : table.upstream) upstream.push_back(name.Full());
  facts.Add("upstream", std::move(upstream));
  facts.Add("feeds", table.feeds);
  facts.Add("tags", table.tags);
  facts.Add("runbook", table.runbook);
  facts.Add("captures", table.captures);
  std::vector<std::string> pii;
  for (const PiiRule& rule : table.pii) pii.push_back((rule.personal ? "" : "not ") + rule.column);
  facts.Add("pii", pii);
  facts.Add("was", table.was);
  return facts;
}

// Its options; severity and kind stand before them.
Facts FactsOf(const Check& check) {
  Facts facts;
  facts.Add("schedule", check.schedule ? check.schedule->text() : std::string());
  facts.Add("timezone", check.zone ? check.zone->name() : std::string());
  facts.Add("calendar", check.calendar == nullptr ? std::string() : check.calendar->name);
  const Status on_empty = check.kind == "freshness" ? Status::kFail : Status::kNoData;
  facts.Add("on_empty", check.on_empty == on_empty ? std::string() : std::string(ToString(check.on_empty)));
  if (check.pilot.on && check.pilot.last_day) {
    facts.Add("pilot", FormatDate(*check.pilot.last_day));
  } else {
    facts.Add("pilot", check.pilot.on);
  }
  facts.Add("samples", static_cast<int64_t>(check.samples));
  facts.Add("max_groups", static_cast<int64_t>(check.groups_max));
  facts.Add("group_alerts", check.group_alerts_each ? std::string("each") : std::string());
  facts.Add("groups", check.groups_expected);
  facts.Add("description", check.description);
  facts.Add("runbook", check.runbook == check.table->runbook ? std::string() : check.runbook);
  facts.Add("tags", check.tags == check.table->tags ? std::vector<std::string>() : check.tags);
  facts.Add("was", check.was);
  return facts;
}

}  // namespace

std::string Describe(const Table& table) { return table.name.Full() + FactsOf(table).Text("\n  ") + "\n"; }

std::string Describe(const Check& check) {
  return fmt::format("{}\n  {} {}{}\n  {}\n  {}\n", check.id, ToString(check.severity), check.kind,
                     FactsOf(check).Text("; "), MeasureText(check.measure), ToText(check.expectation));
}

void WriteJson(JsonWriter& json, const Table& table) {
  json.BeginObject();
  json.Key("table").String(table.name.Full());
  json.Key("declared_at").String(table.declared_at.ToString());
  FactsOf(table).WriteJson(json);
  json.EndObject();
}

void WriteJson(JsonWriter& json, const Check& check) {
  json.BeginObject();
  json.Key("id").String(check.id);
  json.Key("table").String(check.table->name.Full());
  json.Key("kind").String(check.kind);
  json.Key("severity").String(ToString(check.severity));
  json.Key("declared_at").String(check.declared_at.ToString());
  json.Key("measure").String(MeasureText(check.measure));
  json.Key("expect").String(ToText(check.expectation));
  FactsOf(check).WriteJson(json);
  json.EndObject();
}

}  // namespace amont
