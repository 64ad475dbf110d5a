// Members: what the scheduler schedules, read from declarations; and how members are put into groups. Pure.
//
// A check is a member by itself. What wildcards will find is known only once a catalog was read, so all
// wildcards of a source stand as one member for each schedule that a check of theirs may have: its run
// expands them all, and keeps the checks of exactly that schedule that are not members themselves. So each
// check that an expansion gives belongs to one group, whichever wildcard gave it.
//
// A group is what runs together: one source, one schedule, and for an interval one of up to 30 buckets that
// tables are dealt to by their names, so that not everything runs at one instant. A cron says when, and is
// not spread. Ids of groups are stable texts: they depend on nothing but these.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checks/check.h"
#include "checks/declare/declarations.h"
#include "core/schedule.h"
#include "core/table_name.h"

namespace amont {

struct Member {
  std::string id;   // of the check; of wildcards "SOURCE/*@SCHEDULE"
  TableName table;  // what it measures; of wildcards only the source is meant
  Schedule schedule;
  bool wildcard = false;
  bool fresh = false;  // never ran, as far as the store knows
};

Member MemberOf(const Check& check);
Member WildcardMember(const std::string& source, const Schedule& schedule);

// Declared checks in order of declaration, then the wildcards.
std::vector<Member> MembersOf(const Declarations& declarations);

// Where a member belongs.
struct GroupPlace {
  std::string group;  // "warehouse|15m||7", "warehouse|0 6 * * 1-5|Europe/Paris|", "warehouse|15m||*"
  Duration phase{};   // of its interval's slots
};
GroupPlace PlaceOf(const Member& member);

// Into how many buckets an interval's tables are dealt: about one a minute, at least 1, at most 30.
int BucketsOf(const Interval& interval);

}  // namespace amont
