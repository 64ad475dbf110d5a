// Table and Check: what users declare, lowered. Immutable once published; shared by pointer between threads.
//
// A Table is one [[table]] (or one table a wildcard matched). A Check is one rule on one table: a Measure and
// an Expectation, and where it was declared. Its id, `source/schema.table:measure[(column,…)][@name]`, is its
// identity in every output, metric and store.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/expectation.h"
#include "checks/metric.h"
#include "core/calendar.h"
#include "core/diagnostic.h"
#include "core/schedule.h"
#include "core/table_name.h"

namespace amont {

enum class Severity { kInfo, kWarning, kCritical };
std::string_view ToString(Severity severity);

// The verdict's status, from good to bad as reports sort them.
enum class Status { kPass, kLearning, kNoData, kWarn, kError, kFail };
std::string_view ToString(Status status);  // pass learning no_data warn error fail
std::optional<Status> ParseStatus(std::string_view text);

// Whether columns are personal data, whose values never leave the database.
struct PiiRule {
  std::string column;    // a pattern; where it exempts, exactly one name
  bool personal = true;  // false: it is none, whatever farther rules say
  bool operator==(const PiiRule&) const = default;
};

struct Table {
  TableName name;
  bool is_pattern = false;  // a wildcard that matched nothing: `name` is the pattern
  Span declared_at;
  std::string description;
  std::string owner;  // empty: nobody's
  int tier = 0;       // 1 is the most important; 0: not declared
  Schedule schedule;
  Zone zone;                                 // of days, dates and naive timestamps
  std::shared_ptr<const Calendar> calendar;  // may be null
  std::string scope;                         // WHERE of every scan, placeholders unreplaced
  std::vector<TableName> upstream;
  std::vector<std::string> feeds;
  std::vector<std::string> tags;
  std::string runbook;
  std::map<std::string, std::string> captures;  // of the wildcard that matched
  std::vector<PiiRule> pii;                     // nearest first: the table's own, wildcards', the source's
  std::vector<std::string> was;                 // earlier names

  // Whether the column's values must stay in the database.
  bool IsPii(std::string_view column) const;
};

struct Pilot {
  bool on = false;
  std::optional<Date> last_day;  // on until the end of this day in the table's zone
};

struct Check {
  std::string id;
  std::shared_ptr<const Table> table;
  std::string kind;  // freshness volume schema column sql
  std::string name;  // the part after @, or empty
  Measure measure;
  Expectation expectation;
  Span declared_at;
  Severity severity = Severity::kWarning;
  std::optional<Schedule> schedule;  // where it differs from the table's
  std::optional<Zone> zone;
  std::shared_ptr<const Calendar> calendar;  // null: the table's
  Status on_empty = Status::kNoData;
  Pilot pilot;
  int samples = 0;     // rows to show of a failure
  int groups_max = 0;  // 0: limits::kGroupsMax
  bool group_alerts_each = false;
  std::vector<std::string> groups_expected;  // groups that count 0 when absent, beside those seen lately
  std::string description;
  std::string runbook;
  std::vector<std::string> tags;  // its own and the table's
  std::vector<std::string> was;   // earlier ids

  const Zone& ZoneOf() const { return zone ? *zone : table->zone; }
  const Calendar* CalendarOf() const { return calendar ? calendar.get() : table->calendar.get(); }
  const Schedule& ScheduleOf() const { return schedule ? *schedule : table->schedule; }
  // Whether `pilot` holds at `now`.
  bool IsPilot(Timestamp now) const;
};

using CheckPtr = std::shared_ptr<const Check>;

}  // namespace amont
