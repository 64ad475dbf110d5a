#include "tests/server/store/store_fixture.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "checks/judge/judge.h"
#include "core/sql/connection.h"
#include "core/sql/postgres_store.h"
#include "tests/testing/postgres.h"

namespace amont::testing {

Timestamp At(const std::string& text) {
  const auto at = ParseTimestamp(text);
  if (!at) {
    std::cerr << text << " is no time\n";
    std::abort();
  }
  return *at;
}

std::shared_ptr<Table> TableNamed(const std::string& name) {
  auto table = std::make_shared<Table>();
  if (const auto parsed = ParseTableName(name, "src")) table->name = *parsed;
  return table;
}

std::shared_ptr<Check> CheckOn(std::shared_ptr<const Table> table, const std::string& measure, Metric metric,
                               Expectation expectation) {
  auto check = std::make_shared<Check>();
  check->id = table->name.Full() + ":" + measure;
  check->table = std::move(table);
  check->measure.metric = std::move(metric);
  check->expectation = std::move(expectation);
  return check;
}

Measurement ValueOf(Value value, Timestamp now, const std::string& group) {
  Measurement measurement;
  measurement.group = group;
  measurement.at = measurement.source_now = now;
  measurement.value = std::move(value);
  return measurement;
}

Conclusion ConclusionOf(std::vector<Verdict> verdicts) {
  Conclusion conclusion;
  conclusion.table = verdicts.front().check->table;
  conclusion.verdicts = std::move(verdicts);
  return conclusion;
}

ChangeWithin FallOf30Percent(Duration versus) {
  ChangeWithin change;
  change.versus = versus;
  change.fail.min = -0.3;
  return change;
}

Between AtLeast(int64_t rows) {
  Between between;
  between.fail.min = rows;
  return between;
}

std::vector<int64_t> ValuesOf(const History& history) {
  std::vector<int64_t> values;
  for (const PastPoint& point : history.points) values.push_back(AsInteger(point.value).value_or(-1));
  return values;
}

StoreFixture::StoreFixture(Engine engine) : engine_(engine) {
  if (engine_ == Engine::kSqlite) {
    url_ = "sqlite:" + Path();
  } else if (PostgresServer::Unavailable().empty()) {
    url_ = PostgresServer::Get().CreateDatabase();
  } else {
    return;  // SetUp skips
  }
  Reopen();
}

EachStore::EachStore() : StoreFixture(GetParam()) {}

void EachStore::SetUp() {
  if (engine() == Engine::kPostgres) {
    AMONT_NEEDS_POSTGRES();
  }
}

std::string StoreEngineName(const ::testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::kSqlite ? "Sqlite" : "Postgres";
}

void StoreFixture::Reopen(StoreMode mode) {
  store_.reset();
  auto store = OpenStore(Url(), mode);
  ASSERT_TRUE(store.has_value()) << store.error().message;
  store_ = std::move(*store);
}

History StoreFixture::HistoryOf(const CheckPtr& check, Timestamp now) {
  auto histories = store_->ReadHistory(std::vector{check}, now, {});
  if (!histories || histories->size() != 1) {
    ADD_FAILURE() << (histories ? "not one history" : histories.error().message);
    return {};
  }
  return histories->front();
}

Verdict StoreFixture::Run(const CheckPtr& check, const std::vector<Measurement>& measurements,
                          Timestamp now) {
  const Verdict verdict = Judge(check, measurements, HistoryOf(check, now), now);
  Record(ConclusionOf({verdict}), now);
  return verdict;
}

Verdict StoreFixture::Count(const CheckPtr& check, int64_t rows, Timestamp now) {
  return Run(check, {ValueOf(rows, now)}, now);
}

Verdict StoreFixture::See(const CheckPtr& check, const CatalogTable& facts, Timestamp now) {
  Measurement measurement = ValueOf({}, now);
  measurement.facts = &facts;
  return Run(check, {measurement}, now);
}

void StoreFixture::Record(const Conclusion& conclusion, Timestamp now) {
  const auto run = store_->ClaimRun({"test", std::to_string(++runs_), now});
  ASSERT_TRUE(run.has_value()) << run.error().message;
  const auto recorded = store_->RecordTables(*run, std::vector{conclusion});
  ASSERT_TRUE(recorded.has_value()) << recorded.error().message;
  EXPECT_TRUE(store_->FinishRun(*run, now).has_value());
}

std::vector<std::string> StoreFixture::Query(const std::string& sql) {
  std::vector<std::string> lines;
  ConnectOptions options;
  options.url = url_;
  const auto open = [&]() -> Result<std::unique_ptr<Connection>> {
    if (engine_ == Engine::kSqlite) return OpenSqliteReader(Path(), false);
    AMONT_TRY(auto session, OpenPostgresStore(options, true));
    return std::unique_ptr<Connection>(std::move(session));
  };
  const auto connection = open();
  if (!connection) {
    ADD_FAILURE() << connection.error().message;
    return lines;
  }
  const auto done = (*connection)->Query(sql, {}, {}, {}, [&](std::span<const Value> row) {
    std::string line;
    for (const Value& cell : row) line += (line.empty() ? "" : "|") + StoredText(cell);
    lines.push_back(line);
    return Result<void>();
  });
  if (!done) ADD_FAILURE() << done.error().message;
  return lines;
}

}  // namespace amont::testing
