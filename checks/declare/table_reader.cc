#include "checks/declare/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "checks/declare/layers.h"
#include "checks/kinds/check_keys.h"
#include "core/quoted.h"

namespace amont {
namespace {

template <class Value>
std::vector<std::string> Names(const std::map<std::string, Value>& named) {
  std::vector<std::string> names;
  for (const auto& [name, value] : named) names.push_back(name);
  return names;
}

// For errors about a name that should be one of few: "did you mean …?", else which there are.
std::string NearestOrAll(std::string_view word, const std::vector<std::string>& known,
                         std::string_view none) {
  std::string hint = DidYouMean(word, known);
  if (!hint.empty()) return hint;
  constexpr size_t kListed = 8;
  if (known.empty()) return std::string(none);
  if (known.size() > kListed) return {};
  std::string list = "there is ";
  for (const std::string& name : known) list += (&name == &known.front() ? "" : ", ") + Quoted(name);
  return list;
}

constexpr std::string_view kWhat = "[[table]]";

// What is wrong with an entry of `feeds`; empty: nothing.
std::string WrongWithFed(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view type = text.substr(0, colon);
  const bool is_word = !type.empty() && std::ranges::all_of(type, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (colon == std::string_view::npos || !is_word)
    return "`feeds` says what kind of thing is fed, then its name";
  const std::string_view name = text.substr(colon + 1);
  if (name.find_first_not_of(" \t\n\r") == std::string_view::npos) {
    return "no name stands after " + Quoted(text.substr(0, colon + 1));
  }
  const size_t slash = name.rfind('/');
  if (type == "job" && (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size())) {
    return "a job is written `job:namespace/name`";
  }
  return {};
}

}  // namespace

TableReader::TableReader(const Surroundings& surroundings, Diagnostics& diagnostics)
    : surroundings_(surroundings), diagnostics_(diagnostics), sources_(Names(surroundings.sources)) {}

bool TableReader::CheckSource(const std::string& source, const Span& place) {
  if (surroundings_.sources.contains(source)) return true;
  diagnostics_.Error(
      place, "no source is called " + Quoted(source),
      NearestOrAll(source, sources_, "declare it in amont.toml: [source." + QuotePart(source) + "]"));
  return false;
}

std::string TableReader::ReadSource(const TomlNode& node, const TomlNode* defaults) {
  const bool own = FindEntry(node, "source") != nullptr || defaults == nullptr;
  TomlReader reader(own ? node : *defaults, std::string(kWhat), diagnostics_);
  if (reader.Find("source") != nullptr) {
    const std::optional<std::string> source = reader.String("source");
    return source && CheckSource(*source, reader.Place("source")) ? *source : std::string();
  }
  if (sources_.size() == 1) return sources_.front();
  diagnostics_.Error(
      node.span, "the table says no `source`",
      NearestOrAll("", sources_, "declare one in amont.toml: [source.warehouse] url = \"postgresql://…\""));
  return {};
}

std::string TableReader::ReadOwner(TomlReader& reader) {
  const std::optional<std::string> owner = reader.String("owner");
  if (!owner) return {};
  if (!surroundings_.owners.contains(*owner)) {
    diagnostics_.Error(reader.Place("owner"), "no owner is called " + Quoted(*owner),
                       NearestOrAll(*owner, Names(surroundings_.owners),
                                    "declare it in amont.toml: [owner." + QuotePart(*owner) + "]"));
  }
  return *owner;
}

int TableReader::ReadTier(TomlReader& reader) {
  const std::optional<int64_t> tier = reader.Integer("tier");
  if (!tier) return 0;
  if (*tier >= 1 && *tier <= 5) return static_cast<int>(*tier);
  diagnostics_.Error(reader.Place("tier"), "`tier` must be from 1 (the most important) to 5");
  return 0;
}

Zone TableReader::ReadZone(TomlReader& reader, const std::string& source) {
  const auto of_source = surroundings_.sources.find(source);
  const Zone fallback = of_source == surroundings_.sources.end() ? Zone() : of_source->second.zone;
  const std::optional<std::string> name = reader.String("timezone");
  if (!name) return fallback;
  const auto known = zones_.find(*name);
  if (known != zones_.end()) return known->second;
  Result<Zone> zone = Zone::Load(*name);
  if (!zone) {
    diagnostics_.Error(reader.Place("timezone"), zone.error().message);
    return fallback;
  }
  return zones_.emplace(*name, *zone).first->second;
}

Schedule TableReader::ReadSchedule(TomlReader& reader, const Zone& zone) {
  const std::optional<std::string> text = reader.String("schedule");
  if (!text) return {};
  std::pair<std::string, std::string> key(*text, zone.name());
  const auto known = schedules_.find(key);
  if (known != schedules_.end()) return known->second;
  Result<Schedule> schedule = Schedule::Parse(*text, zone);
  if (!schedule) {
    diagnostics_.Error(reader.Place("schedule"), "`schedule`: " + schedule.error().message);
    return {};
  }
  return schedules_.emplace(std::move(key), *schedule).first->second;
}

std::shared_ptr<const Calendar> TableReader::ReadCalendar(TomlReader& reader) {
  const std::optional<std::string> name = reader.String("calendar");
  if (!name) return nullptr;
  const auto found = surroundings_.calendars.find(*name);
  if (found != surroundings_.calendars.end()) return found->second;
  diagnostics_.Error(reader.Place("calendar"), "no calendar is called " + Quoted(*name),
                     NearestOrAll(*name, Names(surroundings_.calendars),
                                  "declare it in amont.toml: [calendar." + QuotePart(*name) + "]"));
  return nullptr;
}

std::vector<TableName> TableReader::ReadUpstream(TomlReader& reader, const TableName& self) {
  std::vector<TableName> upstream;
  const TomlEntry* entry = reader.Find("upstream");
  const std::optional<std::vector<std::string>> texts = reader.Strings("upstream");
  if (!texts) return upstream;
  const TomlNode::Array& items = *entry->node.AsArray();
  for (size_t i = 0; i < texts->size(); ++i) {
    const std::string& text = (*texts)[i];
    const Span& place = items[i].span;
    if (TableWildcard::Is(text)) {
      diagnostics_.Error(
          place,
          "`upstream` names tables one by one: wildcards, and captures the name does not have, "
          "do not stand here");
      continue;
    }
    Result<TableName> name = ParseTableName(text, self.source);
    if (!name) {
      diagnostics_.Error(place, name.error().message);
    } else if (name->source != self.source && !CheckSource(name->source, place)) {
      continue;
    } else if (*name == self) {
      diagnostics_.Warning(place, "a table is not its own upstream: this entry does nothing");
    } else if (std::ranges::find(upstream, *name) == upstream.end()) {
      upstream.push_back(std::move(*name));
    }
  }
  return upstream;
}

std::vector<std::string> TableReader::ReadFeeds(TomlReader& reader) {
  std::vector<std::string> feeds;
  const TomlEntry* entry = reader.Find("feeds");
  const std::optional<std::vector<std::string>> texts = reader.Strings("feeds");
  if (!texts) return feeds;
  const TomlNode::Array& items = *entry->node.AsArray();
  for (size_t i = 0; i < texts->size(); ++i) {
    const std::string& text = (*texts)[i];
    if (std::string wrong = WrongWithFed(text); !wrong.empty()) {
      diagnostics_.Error(
          items[i].span, std::move(wrong),
          "as in \"dashboard:Revenue\"; a table that is made from this one says so itself, in its "
          "`upstream`");
    } else if (std::ranges::find(feeds, text) == feeds.end()) {
      feeds.push_back(text);
    }
  }
  return feeds;
}

std::vector<std::string> TableReader::ReadWas(TomlReader& reader, const TableName& self) {
  std::vector<std::string> was;
  for (const std::string& text : reader.Strings("was").value_or(std::vector<std::string>())) {
    Result<TableName> name = ParseTableName(text, self.source);
    if (name) {
      was.push_back(name->Full());
    } else {
      diagnostics_.Error(reader.Place("was"), name.error().message);
    }
  }
  return was;
}

Table TableReader::ReadTable(const TomlNode& node, const TableName& name, const Span& declared_at,
                             std::span<const PiiRule> pii) {
  TomlReader reader(node, std::string(kWhat), diagnostics_);
  Table table;
  table.name = name;
  table.declared_at = declared_at;
  table.description = reader.String("description").value_or("");
  table.owner = ReadOwner(reader);
  table.tier = ReadTier(reader);
  table.zone = ReadZone(reader, name.source);
  table.schedule = ReadSchedule(reader, table.zone);
  table.calendar = ReadCalendar(reader);
  table.scope = ReadSql(reader, "scope").value_or("");
  table.upstream = ReadUpstream(reader, name);
  table.feeds = ReadFeeds(reader);
  table.tags = reader.StringOrStrings("tags").value_or(std::vector<std::string>());
  table.runbook = reader.String("runbook").value_or("");
  table.pii = PiiColumns(node);
  table.pii.insert(table.pii.end(), pii.begin(), pii.end());
  if (const auto source = surroundings_.sources.find(name.source); source != surroundings_.sources.end()) {
    for (const std::string& pattern : source->second.pii) table.pii.push_back({pattern});
  }
  table.was = ReadWas(reader, name);
  return table;
}

Lowering TableReader::ReadLowering(const TomlNode& node, const std::shared_ptr<const Table>& table) {
  TomlReader reader(node, std::string(kWhat), diagnostics_);
  Lowering lowering;
  lowering.table = table;
  lowering.severity = ReadSeverity(reader, table->tier == 1 ? Severity::kCritical : Severity::kWarning);
  lowering.pilot = ReadPilot(reader, {});
  lowering.enabled = reader.Boolean("enabled").value_or(true);
  lowering.calendars = &surroundings_.calendars;
  return lowering;
}

Lowered TableReader::ReadChecks(const TomlNode& node, const std::shared_ptr<const Table>& table) {
  TomlReader reader(node, std::string(kWhat), diagnostics_);
  return LowerTable(reader, ReadLowering(node, table));
}

}  // namespace amont
