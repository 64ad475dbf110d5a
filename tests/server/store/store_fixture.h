// Runs checks against a real store: history read, judged and recorded, run by run, as the program does it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "server/store/store.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

// "2026-11-24T06:00:00Z"; the test program stops where it is no time.
Timestamp At(const std::string& text);

// A table of source `src`, and a check on it; more is set by the caller before it is shared.
std::shared_ptr<Table> TableNamed(const std::string& name);
std::shared_ptr<Check> CheckOn(std::shared_ptr<const Table> table, const std::string& measure, Metric metric,
                               Expectation expectation);
Measurement ValueOf(Value value, Timestamp now, const std::string& group = "");

class StoreFixture : public ::testing::Test {
 protected:
  explicit StoreFixture(Engine engine = Engine::kSqlite);

  Engine engine() const { return engine_; }
  std::string Path() const { return dir_.Path("history.db"); }  // SQLite
  std::string Url() const { return url_; }
  void Reopen(StoreMode mode = StoreMode::kWrite);

  History HistoryOf(const CheckPtr& check, Timestamp now);
  // One run of one check over these measurements.
  Verdict Run(const CheckPtr& check, const std::vector<Measurement>& measurements, Timestamp now);
  // … that counts `rows`, or gives any value.
  Verdict Count(const CheckPtr& check, int64_t rows, Timestamp now);
  // One run over what the catalog says.
  Verdict See(const CheckPtr& check, const CatalogTable& facts, Timestamp now);
  void Record(const Conclusion& conclusion, Timestamp now);
  // Rows of a query on the engine itself, each joined by "|".
  std::vector<std::string> Query(const std::string& sql);

  TempDir dir_;
  const Engine engine_;
  std::string url_;
  std::unique_ptr<Store> store_;
  int runs_ = 0;
};

// A test of what every store does: run on each engine.
//   INSTANTIATE_TEST_SUITE_P(Engines, MyTest, kStoreEngines, StoreEngineName);
class EachStore : public StoreFixture, public ::testing::WithParamInterface<Engine> {
 protected:
  EachStore();
  void SetUp() override;
};
inline const auto kStoreEngines = ::testing::Values(Engine::kSqlite, Engine::kPostgres);
std::string StoreEngineName(const ::testing::TestParamInfo<Engine>& info);

Conclusion ConclusionOf(std::vector<Verdict> verdicts);

ChangeWithin FallOf30Percent(Duration versus);
Between AtLeast(int64_t rows);
// The points' values, oldest first, where they are whole numbers; else -1.
std::vector<int64_t> ValuesOf(const History& history);

}  // namespace amont::testing
