#include "checks/check.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

using namespace std::chrono_literals;

TEST(Status, ReadsBackWhatItPrints) {
  for (const Status status :
       {Status::kPass, Status::kLearning, Status::kNoData, Status::kWarn, Status::kError, Status::kFail}) {
    EXPECT_EQ(ParseStatus(ToString(status)), status);
  }
  EXPECT_EQ(ParseStatus("failed"), std::nullopt);
  EXPECT_EQ(ParseStatus(""), std::nullopt);
  EXPECT_LT(Status::kPass, Status::kFail);
}

TEST(Severity, HasItsWords) {
  EXPECT_EQ(ToString(Severity::kInfo), "info");
  EXPECT_EQ(ToString(Severity::kWarning), "warning");
  EXPECT_EQ(ToString(Severity::kCritical), "critical");
}

TEST(IsPilot, HoldsToTheEndOfItsLastDayInTheZone) {
  auto table = std::make_shared<Table>();
  const auto paris = Zone::Load("Europe/Paris");
  ASSERT_TRUE(paris);
  table->zone = *paris;
  Check check;
  check.table = table;
  const Timestamp last_second = Timestamp(std::chrono::sys_days(2026y / 6 / 30)) + 21h + 59min + 59s;
  EXPECT_FALSE(check.IsPilot(last_second));
  check.pilot.on = true;
  EXPECT_TRUE(check.IsPilot(last_second));
  check.pilot.last_day = Date(2026y / 6 / 30);
  EXPECT_TRUE(check.IsPilot(last_second));
  EXPECT_FALSE(check.IsPilot(last_second + 1s)) << "midnight in Paris";
  check.zone = Zone();
  EXPECT_TRUE(check.IsPilot(last_second + 1s)) << "the check's own zone is behind";
}

TEST(IsPii, AsksThePatterns) {
  Table table;
  table.pii = {{"*email*"}, {"birth*"}};
  EXPECT_TRUE(table.IsPii("customer_EMAIL"));
  EXPECT_TRUE(table.IsPii("birthday"));
  EXPECT_FALSE(table.IsPii("id"));
}

TEST(IsPii, TheNearestRuleHolds) {
  Table table;
  table.pii = {{"work_email", false}, {"email", true}, {"email", false}, {"*email*"}};
  EXPECT_FALSE(table.IsPii("work_email"));
  EXPECT_TRUE(table.IsPii("email"));
  EXPECT_TRUE(table.IsPii("Work_Email")) << "only the very name is exempt";
}

}  // namespace
}  // namespace amont
