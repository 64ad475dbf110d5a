#include "server/config/name_reader.h"

#include <fmt/format.h>

#include <optional>

#include "core/calendar.h"
#include "core/quoted.h"
#include "core/table_name.h"

namespace amont {
namespace {

void ReadHolidays(TomlReader& reader, Calendar& calendar) {
  const TomlEntry* entry = reader.Find("holidays");
  if (entry == nullptr) return;
  Diagnostics& diagnostics = reader.diagnostics();
  const TomlNode::Array* items = entry->node.AsArray();
  if (items == nullptr) {
    diagnostics.Error(entry->node.span, "`holidays` must be an array of dates such as \"2026-12-24\"");
    return;
  }
  for (const TomlNode& item : *items) {
    if (const Date* day = std::get_if<Date>(&item.value)) {
      calendar.holidays.insert(*day);
      continue;
    }
    const std::string* text = item.AsString();
    const Result<Date> day =
        text == nullptr ? Result<Date>(MakeError(ErrorCode::kInvalid, "")) : ParseDate(*text);
    if (day) {
      calendar.holidays.insert(*day);
    } else {
      diagnostics.Error(item.span, "a holiday is a date such as \"2026-12-24\"");
    }
  }
}

bool IsLabelName(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (name.empty() || !letter(name.front())) return false;
  for (const char c : name) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

void ReadLabels(TomlReader& reader, Owner& owner) {
  const TomlEntry* entry = reader.Find("labels");
  if (entry == nullptr) return;
  Diagnostics& diagnostics = reader.diagnostics();
  const TomlNode::Table* labels = entry->node.AsTable();
  if (labels == nullptr) {
    diagnostics.Error(entry->node.span, "`labels` must be a table such as { team = \"finance\" }");
    return;
  }
  for (const TomlEntry& label : *labels) {
    const std::string* value = label.node.AsString();
    if (!IsLabelName(label.key.name)) {
      diagnostics.Error(label.key.span,
                        fmt::format("{} is no label name: letters, digits and _, not a digit first",
                                    Quoted(label.key.name)));
    } else if (value == nullptr) {
      diagnostics.Error(label.node.span, fmt::format("the label {} must be a string, not {}",
                                                     Quoted(label.key.name), label.node.KindName()));
    } else {
      owner.labels[label.key.name] = *value;
    }
  }
}

}  // namespace

void ReadCalendar(const std::string& name, const TomlNode& node, Surroundings& surroundings,
                  Diagnostics& diagnostics) {
  TomlReader reader(node, fmt::format("[calendar.{}]", QuotePart(name)), diagnostics);
  auto calendar = std::make_shared<Calendar>();
  calendar->name = name;
  if (const std::optional<std::string> zone_name = reader.String("timezone")) {
    if (const Result<Zone> zone = Zone::Load(*zone_name)) {
      calendar->zone = *zone;
    } else {
      diagnostics.Error(reader.Place("timezone"), zone.error().message);
    }
  }
  if (const std::optional<std::string> text = reader.String("weekdays")) {
    if (const Result<std::bitset<7>> weekdays = ParseWeekdays(*text)) {
      calendar->weekdays = *weekdays;
    } else {
      diagnostics.Error(reader.Place("weekdays"), weekdays.error().message);
    }
  }
  ReadHolidays(reader, *calendar);
  reader.RejectUnknown();
  surroundings.calendars.emplace(name, std::move(calendar));
}

void ReadOwner(const std::string& name, const TomlNode& node, Surroundings& surroundings,
               Diagnostics& diagnostics) {
  TomlReader reader(node, fmt::format("[owner.{}]", QuotePart(name)), diagnostics);
  Owner owner;
  owner.name = name;
  owner.declared_at = node.span;
  owner.contact = reader.String("contact").value_or("");
  ReadLabels(reader, owner);
  reader.RejectUnknown();
  surroundings.owners.emplace(name, std::move(owner));
}

}  // namespace amont
