#include "checks/run/source_run.h"

#include <gtest/gtest.h>

#include "checks/run/bisection.h"
#include "tests/checks/run/faulty_run.h"

namespace amont {
namespace {

using testing::Driven;
using testing::Fault;
using testing::RunCase;

constexpr const char* kTables =
    "CREATE TABLE orders (id INTEGER, amount REAL, status TEXT, at TEXT);"
    "INSERT INTO orders VALUES (1, 5, 'paid', '2026-01-01'), (2, 50, 'sent', '2026-01-02'), (2, NULL, 'odd', "
    "NULL);"
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO customers VALUES (1, 'a');"
    "CREATE TABLE empty (id INTEGER);";

constexpr std::string_view kDeclarations = R"toml([[table]]
name   = "orders"
unique = ["id"]
[table.volume]
min = 1
[table.columns.amount]
min = 1
max = 20
null_ratio = 0.5
[table.columns.status]
accepted = { values = ["paid", "sent"], samples = 3 }
references = "customers.name"
[[table.columns.status.null_count]]
name  = "of the small"
where = "amount < 10"
max   = 0
[[table.sql]]
name  = "total"
value = "SELECT sum(amount) FROM {table}"
min   = 1
[[table]]
name   = "customers"
unique = ["id"]
[table.columns.name]
null_count = 0
[[table]]
name = "empty"
[table.columns.id]
min = 0
[[table]]
name = "gone"
[table.volume]
min = 1
)toml";

constexpr const char* kGood = R"(warehouse/customers:duplicates(id) pass
warehouse/customers:emptied pass
warehouse/customers:exists pass
warehouse/customers:null_count(name) pass
warehouse/empty:emptied no_data
warehouse/empty:exists pass
warehouse/empty:min(id) no_data
warehouse/gone:exists fail
warehouse/gone:volume error
warehouse/orders:accepted(status) fail
warehouse/orders:duplicates(id) fail
warehouse/orders:exists pass
warehouse/orders:max(amount) fail
warehouse/orders:min(amount) pass
warehouse/orders:null_count(status)@of the small pass
warehouse/orders:null_ratio(amount) pass
warehouse/orders:references(status) fail
warehouse/orders:sql@total pass
warehouse/orders:volume pass
)";

TEST(SourceRun, ConcludesEveryCheckOnceInWhateverOrderStatementsComplete) {
  const RunCase run(kTables, kDeclarations);
  for (unsigned seed = 0; seed < 30; ++seed) {
    const Driven driven = run.Drive(seed);
    EXPECT_EQ(driven.Statuses(), kGood) << "seed " << seed;
    EXPECT_EQ(driven.tables, 4);
    EXPECT_FALSE(driven.aborted);
  }
}

TEST(SourceRun, SuppressesWhatAMissingTableExplains) {
  const Driven driven = RunCase(kTables, kDeclarations).Drive();
  EXPECT_TRUE(driven.verdicts.at("warehouse/gone:volume").suppressed);
  EXPECT_FALSE(driven.verdicts.at("warehouse/gone:exists").suppressed);
}

TEST(SourceRun, AMissingColumnSuppressesOnlyWhatItExplains) {
  const Driven driven = RunCase(kTables, R"toml([[table]]
name = "orders"
[table.freshness]
column = ["updated", "created"]
fail_after = "1d"
[table.columns.amuont]
min = 0
)toml")
                            .Drive();
  EXPECT_EQ(driven.Of("warehouse/orders:exists"), Status::kFail);
  EXPECT_TRUE(driven.verdicts.at("warehouse/orders:min(amuont)").suppressed);
  EXPECT_EQ(driven.Of("warehouse/orders:freshness"), Status::kError);
  EXPECT_FALSE(driven.verdicts.at("warehouse/orders:freshness").suppressed) << "`exists` names amuont alone";
}

TEST(SourceRun, ShowsSamplesOfAFailureThatAskedForSome) {
  const Driven driven = RunCase(kTables, kDeclarations).Drive();
  EXPECT_EQ(driven.verdicts.at("warehouse/orders:accepted(status)").samples.rows.size(), 1u);
  EXPECT_TRUE(driven.verdicts.at("warehouse/orders:max(amount)").samples.rows.empty());
}

TEST(SourceRun, TakesItsOwnClockWhereNoCatalogToldTheEnginesOne) {
  const Fault no_catalog = [](const Statement& statement) {
    const bool catalog = statement.cls == StatementClass::kCatalog;
    return catalog ? std::optional(MakeError(ErrorCode::kInternal, "broken")) : std::nullopt;
  };
  RunCase run(kTables, kDeclarations);
  run.options.started = Timestamp(std::chrono::hours(1'000'000));
  const Driven driven = run.Drive(7, no_catalog);
  ASSERT_FALSE(driven.verdicts.empty());
  for (const auto& [id, verdict] : driven.verdicts) EXPECT_EQ(verdict.at, run.options.started) << id;
}

TEST(SourceRun, AFailureOfOneStatementIsAnErrorOfItsChecksAlone) {
  const RunCase run(kTables, kDeclarations);
  const Driven good = run.Drive();
  for (const ErrorCode code : {ErrorCode::kTimeout, ErrorCode::kUnreachable, ErrorCode::kCancelled,
                               ErrorCode::kInternal, ErrorCode::kLimit, ErrorCode::kBusy}) {
    for (const Statement& failing : run.Statements()) {
      if (failing.cls == StatementClass::kCatalog || failing.cls == StatementClass::kSample) continue;
      const Fault fault = [&](const Statement& statement) {
        return statement.sql == failing.sql ? std::optional(MakeError(code, "broken")) : std::nullopt;
      };
      const Driven driven = run.Drive(7, fault);
      const std::set<std::string> hit = run.ServedBy(failing);
      ASSERT_FALSE(hit.empty());
      for (const auto& [id, verdict] : driven.verdicts) {
        if (hit.contains(id)) {
          EXPECT_EQ(verdict.status, Status::kError) << id;
          EXPECT_EQ(verdict.error->code, code) << id;
          EXPECT_FALSE(verdict.suppressed) << id;
        } else {
          EXPECT_EQ(verdict.status, good.Of(id)) << id;
        }
      }
      EXPECT_EQ(driven.verdicts.size(), good.verdicts.size());
      EXPECT_LE(driven.statements, good.statements) << "nothing is tried again";
    }
  }
}

// A statement fails on data whenever it holds one of these checks' slots.
Fault OnData(const RunCase& run, const std::set<std::string>& guilty) {
  return [&run, guilty](const Statement& statement) -> std::optional<Error> {
    if (statement.cls == StatementClass::kCatalog || statement.cls == StatementClass::kSample)
      return std::nullopt;
    for (const Slot& slot : statement.slots) {
      // The slot itself, not one that others share.
      if (slot.uses.size() == 1 && guilty.contains(run.declarations().checks.at(slot.uses[0].check)->id)) {
        return MakeError(ErrorCode::kData, "bad data", "22012");
      }
    }
    return std::nullopt;
  };
}

TEST(SourceRun, AFailureOnDataIsNarrowedToItsSlotWithinTheBound) {
  const RunCase run(kTables, kDeclarations);
  const Driven good = run.Drive();
  for (const std::string guilty : {"warehouse/orders:min(amount)", "warehouse/orders:max(amount)",
                                   "warehouse/orders:null_ratio(amount)", "warehouse/orders:accepted(status)",
                                   "warehouse/orders:sql@total", "warehouse/customers:null_count(name)"}) {
    const Driven driven = run.Drive(3, OnData(run, {guilty}));
    for (const auto& [id, verdict] : driven.verdicts) {
      EXPECT_EQ(verdict.status, id == guilty ? Status::kError : good.Of(id)) << id << " with " << guilty;
    }
    EXPECT_EQ(driven.verdicts.at(guilty).error->code, ErrorCode::kData);
    EXPECT_LE(driven.statements, good.statements + BisectionBound(8)) << guilty;
  }
}

TEST(SourceRun, ManyGuiltySlotsStayWithinTheBoundAndInnocentOnesThatAreFoundStillAnswer) {
  std::string declarations = "[[table]]\nname = \"orders\"\n";
  for (const char* column : {"id", "amount", "status", "at"}) {
    declarations += std::string("[table.columns.") + column + "]\nnull_count = 5\n" +
                    "distinct = { min = 0, max = 9 }\nduplicates = 5\n";
  }
  const RunCase run(kTables, declarations);
  const int good = run.Drive().statements;
  for (unsigned chosen = 1; chosen < 4096; chosen += 97) {
    std::set<std::string> guilty;
    size_t slots = 0;
    for (const CheckPtr& check : run.declarations().checks) {
      if (check->kind == "column" && (chosen >> slots++ & 1U) != 0) guilty.insert(check->id);
    }
    const Driven driven = run.Drive(chosen, OnData(run, guilty));
    EXPECT_EQ(run.Drive(chosen + 1, OnData(run, guilty)).Statuses(), driven.Statuses())
        << "whatever came first";
    EXPECT_LE(driven.statements, good + BisectionBound(slots + 1)) << chosen;
    for (const std::string& id : guilty) EXPECT_EQ(driven.Of(id), Status::kError) << id;
    for (const auto& [id, verdict] : driven.verdicts) {
      if (verdict.status != Status::kError || guilty.contains(id)) continue;
      EXPECT_EQ(verdict.sentence, "measured with others, one of which fails: bad data") << id;
    }
    if (guilty.size() == 1) {
      for (const auto& [id, verdict] : driven.verdicts) {
        EXPECT_EQ(verdict.status == Status::kError, guilty.contains(id)) << id;
      }
    }
  }
}

TEST(SourceRun, OneGuiltyConditionCostsNobodyElseAnythingWhereverItStands) {
  for (int place = 0; place < 12; ++place) {
    std::string declarations = "[[table]]\nname = \"orders\"\n[table.volume]\nmin = 1\n";
    for (int i = 0; i < 12; ++i) {
      declarations += "[[table.columns.status.null_count]]\nname = \"n" + std::to_string(i) +
                      "\"\nmax = 5\n" + "where = \"" +
                      (i == place ? "json_extract(status, '$.a') = 1" : "amount > " + std::to_string(i)) +
                      "\"\n";
    }
    const Driven driven = RunCase(kTables, declarations).Drive(static_cast<unsigned>(place));
    const std::string guilty = "warehouse/orders:null_count(status)@n" + std::to_string(place);
    for (const auto& [id, verdict] : driven.verdicts) {
      EXPECT_EQ(verdict.status == Status::kError, id == guilty) << id << ": " << verdict.sentence;
    }
  }
}

TEST(SourceRun, WhatFailsOnDataOnceAndNeverAgainCostsNobodyAnything) {
  const RunCase run(kTables, kDeclarations);
  bool failed = false;
  const Driven driven = run.Drive(0, [&](const Statement& statement) -> std::optional<Error> {
    if (statement.cls != StatementClass::kScan || statement.slots.size() < 2 || std::exchange(failed, true)) {
      return std::nullopt;
    }
    return MakeError(ErrorCode::kData, "a row that was gone by then");
  });
  EXPECT_TRUE(failed);
  EXPECT_EQ(driven.Statuses(), kGood);
}

TEST(SourceRun, SamplesThatCannotBeHadChangeNoVerdict) {
  const RunCase run(kTables, kDeclarations);
  const Driven driven = run.Drive(0, [](const Statement& statement) -> std::optional<Error> {
    if (statement.cls != StatementClass::kSample) return std::nullopt;
    return MakeError(ErrorCode::kTimeout, "too slow");
  });
  EXPECT_EQ(driven.Statuses(), kGood);
  EXPECT_TRUE(driven.verdicts.at("warehouse/orders:accepted(status)").samples.rows.empty());
}

TEST(SourceRun, AnAbortAtAnyPointConcludesTheRest) {
  const RunCase run(kTables, kDeclarations);
  const Driven good = run.Drive(5);
  for (int after = 0; after < good.statements; ++after) {
    const Driven driven = run.Drive(5, {}, after);
    EXPECT_EQ(driven.verdicts.size(), good.verdicts.size()) << after;
    ASSERT_TRUE(driven.aborted);
    EXPECT_EQ(driven.aborted->code, ErrorCode::kCancelled);
    for (const auto& [id, verdict] : driven.verdicts) {
      if (verdict.status == good.Of(id)) continue;
      EXPECT_EQ(verdict.status, Status::kError) << id << " after " << after;
      EXPECT_EQ(verdict.error->code, ErrorCode::kCancelled) << id << " after " << after;
      EXPECT_FALSE(verdict.suppressed) << id;
    }
  }
}

TEST(SourceRun, ASourceThatDoesNotAnswerIsAnErrorOfEverythingAndAbsenceOfNothing) {
  const RunCase run(kTables, kDeclarations);
  for (const ErrorCode code :
       {ErrorCode::kUnreachable, ErrorCode::kTimeout, ErrorCode::kCancelled, ErrorCode::kBusy}) {
    const Driven driven =
        run.Drive(0, [&](const Statement&) { return std::optional(MakeError(code, "away")); });
    EXPECT_EQ(driven.statements, 1);
    ASSERT_TRUE(driven.aborted);
    for (const auto& [id, verdict] : driven.verdicts) {
      EXPECT_EQ(verdict.status, Status::kError) << id;
      EXPECT_EQ(verdict.error->code, code) << id;
      EXPECT_FALSE(verdict.suppressed) << id;
    }
    EXPECT_EQ(driven.verdicts.size(), 19u);
  }
}

TEST(SourceRun, ACatalogThatCannotBeReadIsNoAbsenceEither) {
  const RunCase run(kTables, kDeclarations);
  for (const ErrorCode code : {ErrorCode::kPermission, ErrorCode::kInternal, ErrorCode::kInvalid,
                               ErrorCode::kData, ErrorCode::kLimit, ErrorCode::kNotFound}) {
    const Driven driven = run.Drive(0, [&](const Statement& statement) -> std::optional<Error> {
      if (statement.cls != StatementClass::kCatalog) return std::nullopt;
      return MakeError(code, "no catalog");
    });
    for (const auto& [id, verdict] : driven.verdicts) {
      EXPECT_EQ(verdict.status, Status::kError) << id << " where the catalog is " << ToString(code);
    }
    EXPECT_EQ(driven.verdicts.size(), 19u);
  }
}

TEST(SourceRun, AMemoryThatCannotBeReadIsAnErrorOfEverything) {
  RunCase run(kTables, kDeclarations);
  run.memory.history = [](std::span<const CheckPtr>, Timestamp,
                          const std::stop_token&) -> Result<std::vector<History>> {
    return MakeError(ErrorCode::kInternal, "the store is corrupt");
  };
  const Driven driven = run.Drive();
  for (const auto& [id, verdict] : driven.verdicts) EXPECT_EQ(verdict.status, Status::kError) << id;
  EXPECT_EQ(driven.verdicts.size(), 19u);
}

TEST(SourceRun, AFilterLeavesTheOthersUnmeasured) {
  RunCase run(kTables, kDeclarations);
  run.options.selects = [](const Check& check) { return check.table->name.table == "customers"; };
  const Driven driven = run.Drive();
  EXPECT_EQ(driven.verdicts.size(), 4u) << driven.Statuses();
  run.options.selects = [](const Check&) { return false; };
  const Driven none = run.Drive();
  EXPECT_EQ(none.verdicts.size(), 0u);
  EXPECT_EQ(none.statements, 0);
}

TEST(Bisection, BoundsGrowWithTheLogarithm) {
  EXPECT_EQ(BisectionBound(1), 2);
  EXPECT_EQ(BisectionBound(2), 4);
  EXPECT_EQ(BisectionBound(3), 6);
  EXPECT_EQ(BisectionBound(4), 6);
  EXPECT_EQ(BisectionBound(5), 8);
  EXPECT_EQ(BisectionBound(1024), 22);
}

TEST(Bisection, WhatAnExpressionMayBeGuiltyOfIsBisected) {
  const auto bisected = [](ErrorCode code, bool foreign_sql) {
    Statement statement;
    statement.foreign_sql = foreign_sql;
    return IsBisectable(MakeError(code, ""), statement);
  };
  for (const bool foreign_sql : {false, true}) {
    EXPECT_TRUE(bisected(ErrorCode::kData, foreign_sql));
    for (const ErrorCode code : {ErrorCode::kTimeout, ErrorCode::kCancelled, ErrorCode::kUnreachable,
                                 ErrorCode::kLimit, ErrorCode::kBusy, ErrorCode::kInternal}) {
      EXPECT_FALSE(bisected(code, foreign_sql)) << ToString(code);
    }
    for (const ErrorCode code : {ErrorCode::kInvalid, ErrorCode::kNotFound, ErrorCode::kPermission}) {
      EXPECT_EQ(bisected(code, foreign_sql), foreign_sql) << ToString(code);
    }
  }
}

}  // namespace
}  // namespace amont
