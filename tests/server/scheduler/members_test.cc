#include "server/scheduler/members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

namespace amont {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

Member Of(const std::string& table, const std::string& schedule) {
  return {.id = "warehouse/mart." + table + ":c",
          .table = {"warehouse", "mart", table},
          .schedule = Schedule::Parse(schedule, Zone()).value()};
}

std::vector<std::string> IdsOf(std::string_view toml) {
  Surroundings surroundings;
  for (const char* name : {"warehouse", "lake"}) surroundings.sources[name].name = name;
  const auto file = std::make_shared<const SourceText>(SourceText{"checks/a.toml", std::string(toml)});
  Diagnostics diagnostics;
  const Declarations declarations = Declare(std::vector{file}, surroundings, diagnostics);
  EXPECT_TRUE(diagnostics.list().empty());
  std::vector<std::string> ids;
  for (const Member& member : MembersOf(declarations)) {
    ids.push_back(member.id + " in " + PlaceOf(member).group);
  }
  return ids;
}

TEST(Members, AreChecksByTheirOwnScheduleWhereTheyHaveOne) {
  EXPECT_THAT(IdsOf(R"(
[[table]]
name = "mart.orders"
source = "warehouse"
schedule = "0  6 * * 1-5"
timezone = "Europe/Paris"
[table.volume]
min = 1
schedule = "30s"
)"),
              ElementsAre("warehouse/mart.orders:volume in warehouse|30s||0",
                          "warehouse/mart.orders:exists in warehouse|0 6 * * 1-5|Europe/Paris|"));
}

TEST(Members, HaveOneForEachScheduleThatWildcardsOfASourceMayGive) {
  EXPECT_THAT(IdsOf(R"(
[[table]]
name = "raw.*"
source = "lake"
schedule = "1h"
[table.volume]
min = 1
schedule = "2h"

[[table]]
name = "raw.a*"
source = "lake"
schedule = "60m"

[[table]]
name = "raw.named"
source = "lake"
schedule = "45s"

[[table]]
name = "raw.elsewhere"
source = "warehouse"
schedule = "50s"
)"),
              ElementsAre("lake/raw.named:exists in lake|45s||0", "lake/raw.named:emptied in lake|45s||0",
                          "warehouse/raw.elsewhere:exists in warehouse|50s||0",
                          "warehouse/raw.elsewhere:emptied in warehouse|50s||0", "lake/*@1h| in lake|1h||*",
                          "lake/*@2h| in lake|2h||*", "lake/*@45s| in lake|45s||*"));
}

// Keys of slots hang on these texts: after an upgrade, a slot that ran must still be known by its name.
TEST(Places, NeverChange) {
  EXPECT_EQ(PlaceOf(Of("orders", "15m")).group, "warehouse|15m||11");
  EXPECT_EQ(PlaceOf(Of("orders", "1d")).group, "warehouse|24h||26");
  EXPECT_EQ(PlaceOf(Of("payments", "15m")).group, "warehouse|15m||0");
  EXPECT_EQ(PlaceOf(Of("orders", "0 6 * * 1-5 Europe/Paris")).group, "warehouse|0 6 * * 1-5|Europe/Paris|");
  EXPECT_EQ(PlaceOf(WildcardMember("lake", Schedule())).group, "lake|15m||*");
}

TEST(Places, AreTheSameForEqualIntervals) {
  EXPECT_EQ(PlaceOf(Of("orders", "60m")).group, PlaceOf(Of("orders", "1h")).group);
  EXPECT_NE(PlaceOf(Of("orders", "0 6 * * *")).group, PlaceOf(Of("orders", "0 6 * * * Asia/Tokyo")).group);
}

TEST(Places, SpreadAnIntervalEvenly) {
  for (const auto& [text, buckets] : std::map<std::string, int>{
           {"1s", 1}, {"59s", 1}, {"1m", 1}, {"119s", 1}, {"2m", 2}, {"15m", 15}, {"1h", 30}, {"7d", 30}}) {
    std::map<Duration, int> tables;
    const Schedule schedule = Schedule::Parse(text, Zone()).value();
    const Duration every = std::get<Interval>(schedule.when()).every;
    for (int i = 0; i < 3'000; ++i) {
      const Duration phase = PlaceOf(Of("t" + std::to_string(i), text)).phase;
      EXPECT_GE(phase, Duration(0));
      EXPECT_LT(phase, every);
      ++tables[phase];
    }
    ASSERT_EQ(tables.size(), static_cast<size_t>(buckets)) << text;
    for (const auto& [phase, count] : tables) {
      EXPECT_EQ(phase * buckets % every, Duration(0));
      EXPECT_NEAR(count, 3'000 / buckets, 1'500 / buckets) << text;
    }
  }
}

}  // namespace
}  // namespace amont
