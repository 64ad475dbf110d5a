#include "checks/plan/wanted.h"

namespace amont {
namespace {

// A separator that no SQL text of ours holds, so that joined parts stay apart.
constexpr char kSeparator = '\x1f';

void Append(std::string& key, const std::string& part) {
  key += part;
  key += kSeparator;
}

}  // namespace

std::string RowSet::Key() const {
  std::string key;
  Append(key, table.Full());
  Append(key, from);
  Append(key, where);
  for (const Value& param : params) {
    Append(key, std::string(KindName(param)));
    Append(key, StoredText(param));
  }
  Append(key, group_by);
  Append(key, std::to_string(groups_max));
  return key;
}

std::string Wanted::Key() const {
  std::string key = rows.Key();
  Append(key, ToText(metric));
  if (per) Append(key, ToText(*per));
  Append(key, filter);
  Append(key, future ? "future" : "");
  Append(key, time ? time->zone.name() : "");  // naive times are compared and read in it
  for (const std::string& group : named_groups) Append(key, group);
  return key;
}

std::string Wanted::Text() const {
  const bool presence = cls == StatementClass::kProbe && std::holds_alternative<RowCount>(metric);
  std::string text = presence ? "has_rows" : ToText(metric);
  if (per) text += " / " + ToText(*per);
  if (future) text = "future " + text;
  if (!filter.empty()) text += " where " + filter;
  return text;
}

}  // namespace amont
