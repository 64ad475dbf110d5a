#include "server/scheduler/members.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "checks/declare/table_pattern.h"

namespace amont {
namespace {

constexpr int kBucketsMax = 30;

// FNV-1a and a finaliser: the same on every machine and in every release, for slots' keys hang on it.
uint64_t StableHash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
  return hash ^ (hash >> 33);
}

// The cron's five fields, single blanks between them and without its zone.
std::string CronFields(const std::string& text) {
  std::string fields;
  int words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank && !in_word) {
      if (++words == 6) break;
      if (words > 1) fields += ' ';
    }
    if (!blank) fields += c;
    in_word = !blank;
  }
  return fields;
}

// "15m|", "0 6 * * 1-5|Europe/Paris"
std::string TextOf(const Schedule& schedule) {
  if (const auto* cron = std::get_if<Cron>(&schedule.when())) {
    return CronFields(schedule.text()) + "|" + cron->zone.name();
  }
  return FormatDuration(std::get<Interval>(schedule.when()).every) + "|";
}

void AddOnce(std::vector<Schedule>& schedules, const Schedule& schedule) {
  if (std::ranges::find(schedules, schedule) == schedules.end()) schedules.push_back(schedule);
}

}  // namespace

Member MemberOf(const Check& check) {
  return {.id = check.id, .table = check.table->name, .schedule = check.ScheduleOf()};
}

Member WildcardMember(const std::string& source, const Schedule& schedule) {
  return {.id = source + "/*@" + TextOf(schedule),
          .table = {.source = source, .schema = "", .table = "*"},
          .schedule = schedule,
          .wildcard = true};
}

std::vector<Member> MembersOf(const Declarations& declarations) {
  std::vector<Member> members;
  members.reserve(declarations.checks.size());
  for (const CheckPtr& check : declarations.checks) members.push_back(MemberOf(*check));
  std::map<std::string, std::vector<Schedule>> by_source;
  for (const auto& pattern : declarations.patterns) {
    std::vector<Schedule>& schedules = by_source[SourceOf(*pattern)];
    for (const Schedule& schedule : SchedulesOf(*pattern)) AddOnce(schedules, schedule);
  }
  // What a wildcard adds to a table declared by name runs by that table's schedule.
  for (const auto& table : declarations.tables) {
    const auto wildcards = by_source.find(table->name.source);
    if (wildcards != by_source.end()) AddOnce(wildcards->second, table->schedule);
  }
  for (const auto& [source, schedules] : by_source) {
    for (const Schedule& schedule : schedules) members.push_back(WildcardMember(source, schedule));
  }
  return members;
}

int BucketsOf(const Interval& interval) {
  return static_cast<int>(std::clamp<int64_t>(interval.every / std::chrono::minutes(1), 1, kBucketsMax));
}

GroupPlace PlaceOf(const Member& member) {
  GroupPlace place{member.table.source + "|" + TextOf(member.schedule) + "|", Duration{0}};
  const auto* interval = std::get_if<Interval>(&member.schedule.when());
  if (member.wildcard) {
    place.group += '*';
  } else if (interval != nullptr) {
    const int buckets = BucketsOf(*interval);
    const std::string name = member.table.schema + '\0' + member.table.table;
    const auto bucket = static_cast<int>(StableHash(name) % static_cast<uint64_t>(buckets));
    place.group += std::to_string(bucket);
    place.phase = interval->every * bucket / buckets;
  }
  return place;
}

}  // namespace amont
