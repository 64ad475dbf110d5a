#include "server/cli/report.h"

#include <gtest/gtest.h>

#include "tests/server/cli/project.h"
#include "tests/testing/json_tree.h"

namespace amont {
namespace {

using testing::ParseJson;
using testing::XmlComplaint;

std::shared_ptr<const Table> MakeTable(const std::string& name, int tier = 0) {
  auto table = std::make_shared<Table>();
  table->name = {"warehouse", "", name};
  table->tier = tier;
  return table;
}

Verdict MakeVerdict(const std::shared_ptr<const Table>& table, const std::string& measure, Status status,
                    Severity severity = Severity::kWarning) {
  auto check = std::make_shared<Check>();
  check->table = table;
  check->id = table->name.Full() + ":" + measure;
  check->kind = "column";
  check->severity = severity;
  Verdict verdict;
  verdict.check = check;
  verdict.status = status;
  verdict.sentence = "said of " + measure;
  if (status == Status::kError) verdict.error = MakeError(ErrorCode::kTimeout, verdict.sentence);
  return verdict;
}

RunReport MakeReport(const std::vector<std::vector<Verdict>>& tables) {
  RunReport report;
  for (const std::vector<Verdict>& verdicts : tables) {
    Conclusion conclusion;
    conclusion.table = verdicts.front().check->table;
    conclusion.verdicts = verdicts;
    report.tables.push_back(std::move(conclusion));
  }
  return report;
}

RunReport OneOf(Status status, Severity severity = Severity::kWarning) {
  return MakeReport({{MakeVerdict(MakeTable("t"), "a", status, severity)}});
}

TEST(ReportExitCode, EveryStatusHasItsOwn) {
  EXPECT_EQ(ExitCode(OneOf(Status::kPass), FailOn::kFail), 0);
  EXPECT_EQ(ExitCode(OneOf(Status::kLearning), FailOn::kFail), 0);
  EXPECT_EQ(ExitCode(OneOf(Status::kWarn), FailOn::kFail), 0);
  EXPECT_EQ(ExitCode(OneOf(Status::kWarn), FailOn::kWarn), 1);
  EXPECT_EQ(ExitCode(OneOf(Status::kNoData), FailOn::kFail), 2);
  EXPECT_EQ(ExitCode(OneOf(Status::kError), FailOn::kFail), 2);
  EXPECT_EQ(ExitCode(OneOf(Status::kFail), FailOn::kFail), 1);
  EXPECT_EQ(ExitCode(OneOf(Status::kFail, Severity::kInfo), FailOn::kWarn), 0);
  EXPECT_EQ(ExitCode(OneOf(Status::kFail, Severity::kCritical), FailOn::kFail), 1);
}

TEST(ReportExitCode, AnInterruptionSaysOnlyThat) {
  RunReport report = OneOf(Status::kFail);
  report.interrupted = true;
  EXPECT_EQ(ExitCode(report, FailOn::kFail), 130);
}

TEST(ReportExitCode, SuppressedErrorsBelongToAFailureThatCounts) {
  const auto table = MakeTable("t");
  Verdict suppressed = MakeVerdict(table, "b", Status::kError);
  suppressed.suppressed = true;
  EXPECT_EQ(ExitCode(MakeReport({{MakeVerdict(table, "a", Status::kFail), suppressed}}), FailOn::kFail), 1);
}

TEST(ReportOrder, WorstTableFirstThenTierThenName) {
  const auto pilot_table = MakeTable("a_pilot");
  Verdict pilot = MakeVerdict(pilot_table, "x", Status::kFail);
  pilot.pilot = true;
  RunReport report = MakeReport({{MakeVerdict(MakeTable("passes"), "x", Status::kPass)},
                                 {pilot},
                                 {MakeVerdict(MakeTable("errs"), "x", Status::kError)},
                                 {MakeVerdict(MakeTable("z_fails"), "x", Status::kFail)},
                                 {MakeVerdict(MakeTable("fails"), "x", Status::kFail)},
                                 {MakeVerdict(MakeTable("zz_first", 1), "x", Status::kFail)}});
  report.Arrange();
  std::string order;
  for (const Conclusion& table : report.tables) order += table.table->name.table + " ";
  EXPECT_EQ(order, "zz_first fails z_fails errs a_pilot passes ");
}

TEST(ReportOrder, WorstCheckFirstThenTheMoreSevere) {
  const auto table = MakeTable("t");
  RunReport report =
      MakeReport({{MakeVerdict(table, "pass", Status::kPass), MakeVerdict(table, "warning", Status::kFail),
                   MakeVerdict(table, "critical", Status::kFail, Severity::kCritical),
                   MakeVerdict(table, "err", Status::kError)}});
  report.Arrange();
  std::string order;
  for (const Verdict& verdict : report.tables[0].verdicts) order += verdict.sentence.substr(8) + " ";
  EXPECT_EQ(order, "critical warning err pass ");
}

TEST(ReportWords, CountsWorstFirstAndPilotsApart) {
  const auto table = MakeTable("t");
  Verdict pilot = MakeVerdict(table, "p", Status::kFail);
  pilot.pilot = true;
  Verdict suppressed = MakeVerdict(table, "s", Status::kError);
  suppressed.suppressed = true;
  EXPECT_EQ(Words(TallyOf(std::vector<Verdict>{MakeVerdict(table, "a", Status::kPass), pilot,
                                               MakeVerdict(table, "b", Status::kFail), suppressed,
                                               MakeVerdict(table, "c", Status::kLearning)})),
            "1 failed, 1 learning, 1 passed, 1 not measured for that, 1 in pilot");
}

// Everything a name or a sentence may hold that a format could choke on.
constexpr std::string_view kNasty =
    "<a> & \"b\" 'c' ]]> \x01\x02\x1b[31m \xff\xfe \xe2\x82 \n\t 🛒 \xef\xbf\xbf {}";

RunReport NastyReport() {
  auto table = std::make_shared<Table>();
  table->name = {"warehouse", std::string(kNasty), std::string(kNasty)};
  table->owner = kNasty;
  auto check = std::make_shared<Check>();
  check->table = table;
  check->id = table->name.Full() + ":" + std::string(kNasty);
  check->description = kNasty;
  check->runbook = kNasty;
  std::vector<Verdict> verdicts;
  for (const Status status :
       {Status::kPass, Status::kLearning, Status::kNoData, Status::kWarn, Status::kError, Status::kFail}) {
    Verdict verdict;
    verdict.check = check;
    verdict.status = status;
    verdict.sentence = kNasty;
    verdict.observed = std::string(kNasty);
    verdict.expected = kNasty;
    verdict.proof = kNasty;
    if (status == Status::kError) verdict.error = MakeError(ErrorCode::kData, std::string(kNasty), "22P02");
    verdict.samples = {{std::string(kNasty), "b"}, {{std::string(kNasty), ""}, {"", std::string(kNasty)}}};
    verdict.groups = {
        {std::string(kNasty), status, std::numeric_limits<double>::quiet_NaN(), std::string(kNasty)}};
    verdicts.push_back(std::move(verdict));
  }
  RunReport report = MakeReport({verdicts});
  report.notes = {std::string(kNasty)};
  report.config_path = kNasty;
  return report;
}

TEST(ReportFormats, JsonHoldsWhateverComes) {
  const std::string json = RenderReportJson(NastyReport(), 1);
  EXPECT_TRUE(ParseJson(json)) << json;
}

TEST(ReportFormats, JunitIsXmlWhateverComes) {
  EXPECT_EQ(XmlComplaint(RenderReportJunit(NastyReport(), FailOn::kFail)), "");
  EXPECT_EQ(XmlComplaint(RenderReportJunit(RunReport{}, FailOn::kFail)), "");
}

TEST(ReportFormats, TextLetsNoEscapeThrough) {
  for (const bool verbose : {false, true}) {
    const std::string text = RenderReportText(NastyReport(), TextStyle{false, verbose, 80}, 1);
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\x01'), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
  }
}

TEST(ReportFormats, WhatIsNoNumberIsNull) {
  Verdict verdict = MakeVerdict(MakeTable("t"), "a", Status::kFail);
  for (const Value& value :
       {Value(std::numeric_limits<double>::quiet_NaN()), Value(Decimal{"NaN"}), Value(Decimal{"Infinity"})}) {
    verdict.observed = value;
    const auto json = ParseJson(RenderReportJson(MakeReport({{verdict}}), 1));
    ASSERT_TRUE(json);
    EXPECT_EQ((*json)["tables"].items.at(0)["checks"].items.at(0)["observed"].kind,
              testing::JsonTree::Kind::kNull);
  }
}

TEST(ReportFormats, NumbersOfEveryKindAreJson) {
  RunReport report;
  const auto table = MakeTable("t");
  std::vector<Verdict> verdicts;
  const std::vector<Value> values = {Value(),
                                     true,
                                     int64_t{-5},
                                     1e300,
                                     -0.0,
                                     std::numeric_limits<double>::infinity(),
                                     Decimal{"12.30"},
                                     Timestamp(Duration(0)),
                                     Date(std::chrono::days(0)),
                                     std::string("x")};
  for (size_t i = 0; i < values.size(); ++i) {
    verdicts.push_back(MakeVerdict(table, std::to_string(i), Status::kPass));
    verdicts.back().observed = values[i];
  }
  const auto json = ParseJson(RenderReportJson(MakeReport({verdicts}), 0));
  ASSERT_TRUE(json);
  std::string observed;
  for (const auto& check : (*json)["tables"].items.at(0)["checks"].items)
    observed += check["observed"].text + " ";
  EXPECT_EQ(observed, "null true -5 1e+300 -0.0 null 12.30 1970-01-01T00:00:00Z 1970-01-01 x ");
}

TEST(ReportText, AnEmptyReportStillEndsInItsLine) {
  EXPECT_NE(RenderReportText(RunReport{}, TextStyle{}, 0).find("0 tables, 0 checks"), std::string::npos);
}

TEST(ReportText, ColoursOnlyWhenAsked) {
  const RunReport report = OneOf(Status::kFail);
  EXPECT_EQ(RenderReportText(report, TextStyle{false, false, 80}, 1).find('\x1b'), std::string::npos);
  EXPECT_NE(RenderReportText(report, TextStyle{true, false, 80}, 1).find("\x1b[31;1m"), std::string::npos);
}

TEST(ReportText, ManyErrorsOfOneReasonAreOneLine) {
  const auto table = MakeTable("t");
  std::vector<Verdict> verdicts;
  for (int i = 0; i < 5; ++i) {
    verdicts.push_back(MakeVerdict(table, "c" + std::to_string(i), Status::kError));
    verdicts.back().sentence = "the server is away";
  }
  const std::string text = RenderReportText(MakeReport({verdicts}), TextStyle{}, 2);
  EXPECT_NE(text.find("5 checks: the server is away"), std::string::npos) << text;
  EXPECT_EQ(text.find("the server is away"), text.rfind("the server is away"));
}

}  // namespace
}  // namespace amont
