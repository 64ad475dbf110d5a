#include "tests/checks/plan/live_source.h"

#include <gtest/gtest.h>

#include "core/sql/connection.h"
#include "core/sql/duckdb_library.h"
#include "tests/core/sql/duckdb_writer.h"
#include "tests/core/sql/sqlite_writer.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

class PostgresSource final : public LiveSource {
 public:
  PostgresSource() { url_ = PostgresServer::Get().CreateDatabase(); }
  Engine engine() const override { return Engine::kPostgres; }
  void Execute(const std::string& script) override { ExecuteSql(url_, script); }

 private:
  ConnectOptions Options() override {
    ConnectOptions options;
    options.url = url_;
    return options;
  }
};

class DuckdbSource final : public LiveSource {
 public:
  Engine engine() const override { return Engine::kDuckdb; }
  void Execute(const std::string& script) override {
    connection_.reset();  // a writer wants the file alone
    DuckdbWriter(dir_.Path("warehouse.duckdb")).Run(script);
  }
  void SetFiles(const std::map<std::string, std::string>& files) override {
    files_ = files;
    connection_.reset();
    dialect_ = MakeDialect(Engine::kDuckdb, "warehouse", files_);
  }

 private:
  ConnectOptions Options() override {
    ConnectOptions options;
    options.url = files_.empty() ? "duckdb:" + dir_.Path("warehouse.duckdb") : "duckdb:";
    options.files = files_;
    options.directory = dir_.path().string();
    return options;
  }
  TempDir dir_;
  std::map<std::string, std::string> files_;
};

class SqliteSource final : public LiveSource {
 public:
  Engine engine() const override { return Engine::kSqlite; }
  void Execute(const std::string& script) override {
    SqliteWriter(dir_.Path("warehouse.db")).Run("BEGIN; " + script + "; COMMIT");
  }

 private:
  ConnectOptions Options() override {
    ConnectOptions options;
    options.url = "sqlite:" + dir_.Path("warehouse.db");
    return options;
  }
  TempDir dir_;
};

std::string ErrorText(const Error& error) { return "error: " + error.message; }

}  // namespace

std::string LiveSource::Unavailable(Engine engine) {
  if (engine == Engine::kPostgres) return PostgresServer::Unavailable();
  if (engine == Engine::kDuckdb) {
    const auto library = SharedDuckdbLibrary();
    return library ? "" : library.error().message;
  }
  return "";
}

std::unique_ptr<LiveSource> LiveSource::Create(Engine engine) {
  if (!Unavailable(engine).empty()) return nullptr;
  if (engine == Engine::kPostgres) return std::make_unique<PostgresSource>();
  if (engine == Engine::kSqlite) return std::make_unique<SqliteSource>();
  return std::make_unique<DuckdbSource>();
}

Connection& LiveSource::connection() {
  if (connection_ == nullptr) {
    ConnectOptions options = Options();
    options.name = "warehouse";
    auto opened = Connect(options, {});
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    connection_ = std::move(*opened);
  }
  return *connection_;
}

const Dialect& LiveSource::dialect() {
  if (dialect_ == nullptr) dialect_ = MakeDialect(engine(), "warehouse");
  return *dialect_;
}

Result<Rows> LiveSource::Run(const Statement& statement) { return RunStatement(connection(), statement); }

Result<Rows> RunStatement(Connection& connection, const Statement& statement) {
  Rows rows;
  const auto keep = [&](std::span<const Value> row) -> Result<void> {
    rows.rows.emplace_back(row.begin(), row.end());
    return {};
  };
  QueryLimits limits;
  limits.foreign_sql = statement.foreign_sql;
  auto columns = connection.Query(statement.sql, statement.params, limits, {}, keep);
  if (!columns) return columns.error();
  for (const ResultColumn& column : *columns) rows.columns.push_back(column.name);
  return rows;
}

Catalog LiveSource::ReadCatalog(const std::vector<std::string>& tables,
                                const std::vector<NamePattern>& patterns) {
  CatalogRequest request;
  request.patterns = patterns;
  for (const std::string& table : tables) {
    const auto name = ParseTableName(table, "warehouse");
    EXPECT_TRUE(name) << table;
    if (name) request.tables.push_back(*name);
  }
  Catalog catalog;
  for (const Statement& statement : dialect().CatalogStatements(request)) {
    const Result<Rows> rows = Run(statement);
    EXPECT_TRUE(rows || !statement.from.empty()) << rows.error().message;  // a file may be missing or broken
    dialect().ReadCatalog(statement, rows, "warehouse", catalog);
  }
  return catalog;
}

Measured LiveSource::Measure(std::span<const CheckPtr> checks, const PlanOptions& options,
                             std::vector<std::string> also) {
  for (const CheckPtr& check : checks) also.push_back(check->table->name.Local());
  const Catalog catalog = ReadCatalog(also);
  return Measure(MakePlan(checks, &catalog, dialect(), options), checks, options);
}

Measured LiveSource::Measure(const Plan& plan, std::span<const CheckPtr> checks, const PlanOptions& options) {
  Measured measured;
  const auto put = [&](const Use& use, const std::string& group, const Value& value) {
    const bool first = measured.try_emplace({checks[use.check]->id, use.role, group}, value).second;
    EXPECT_TRUE(first) << checks[use.check]->id << " has two answers for " << ToString(use.role);
  };
  for (const Proof& proof : plan.proofs) put({proof.check, Role::kValue}, "", std::string("proven"));
  for (const Refusal& refusal : plan.refusals)
    put({refusal.check, Role::kValue}, "", ErrorText(refusal.error));
  for (const Reuse& reuse : plan.reuses) put(reuse.use, reuse.measurement.group, reuse.measurement.value);
  std::vector<Statement> left(plan.statements.rbegin(), plan.statements.rend());
  while (!left.empty()) {
    const Statement statement = std::move(left.back());
    left.pop_back();
    const Result<Rows> rows = Run(statement);
    if (!rows) {
      const std::vector<Statement> halves = Halves(statement, dialect());
      if (rows.error().code == ErrorCode::kData && !halves.empty()) {
        left.insert(left.end(), halves.rbegin(), halves.rend());
        continue;
      }
      for (const Slot& slot : statement.slots) {
        for (const Use& use : slot.uses) put(use, "", ErrorText(rows.error()) + "\n" + statement.sql);
      }
      continue;
    }
    for (const Answer& answer : ReadAnswers(statement, *rows, checks, options)) {
      const Measurement& measurement = answer.measurement;
      put(answer.use, measurement.group,
          measurement.error ? Value(ErrorText(*measurement.error)) : measurement.value);
    }
  }
  return measured;
}

std::string Text(const Measured& measured, const std::string& check, Role role, const std::string& group) {
  const auto found = measured.find({check, role, group});
  if (found == measured.end()) return "nothing";
  return IsNull(found->second) ? "NULL" : StoredText(found->second);
}

}  // namespace amont::testing
