#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/sql/connection.h"

namespace amont {
namespace {

TEST(EngineOf, ReadsTheScheme) {
  EXPECT_EQ(EngineOf("postgresql://db/warehouse").value(), Engine::kPostgres);
  EXPECT_EQ(EngineOf("postgres://db/warehouse").value(), Engine::kPostgres);
  EXPECT_EQ(EngineOf("duckdb:").value(), Engine::kDuckdb);
  EXPECT_EQ(EngineOf("duckdb:lake.duckdb").value(), Engine::kDuckdb);
  EXPECT_EQ(EngineOf("sqlite:app.db").value(), Engine::kSqlite);
}

TEST(EngineOf, SaysWhatIsWrongWithoutRepeatingTheUrl) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"mysql://user:secret@db",
       "`mysql` is no engine we know; write postgresql://…, duckdb:, duckdb:FILE or sqlite:FILE"},
      {"sqlite:", "the URL sqlite: names no file"},
      {"postgresql:secret", "a PostgreSQL URL begins with postgresql://"},
      {"", "the URL has no scheme; write postgresql://…, duckdb:, duckdb:FILE or sqlite:FILE"},
      {"//user:secret@db",
       "the URL has no scheme; write postgresql://…, duckdb:, duckdb:FILE or sqlite:FILE"},
  };
  for (const auto& [url, message] : cases) {
    const Result<Engine> engine = EngineOf(url);
    ASSERT_FALSE(engine) << url;
    EXPECT_EQ(engine.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(engine.error().message, message);
  }
}

TEST(MaskUrl, HidesThePasswordWhereverItStands) {
  EXPECT_EQ(MaskUrl("postgresql://amont:secret@db.example:5432/w?sslmode=require"),
            "postgresql://amont:***@db.example:5432/w?sslmode=require");
  EXPECT_EQ(MaskUrl("postgresql://db/w?user=amont&password=secret&sslmode=require"),
            "postgresql://db/w?user=amont&password=***&sslmode=require");
  EXPECT_EQ(MaskUrl("postgresql://db/w?sslpassword=secret"), "postgresql://db/w?sslpassword=***");
  EXPECT_EQ(MaskUrl("postgresql://db/w?pass%77ord=secret"), "postgresql://db/w?pass%77ord=***");
  EXPECT_EQ(MaskUrl("mysql://root:secret@db/w"), "mysql://root:***@db/w");
}

TEST(MaskUrl, HidesAPasswordWithSignsThatShouldHaveBeenEscaped) {
  for (const std::string secret : {"se@cret", "se/cret", "se?cret=x", "se:cret", "se#cret"}) {
    const std::string masked = MaskUrl("postgresql://amont:" + secret + "@db/w");
    EXPECT_EQ(masked, "postgresql://amont:***@db/w") << secret;
  }
}

TEST(MaskUrl, LeavesTheRest) {
  for (const std::string url :
       {"postgresql://amont@db.example/warehouse", "postgresql:///w?host=/run/postgresql",
        "postgresql://db:5432/w", "duckdb:a/b.duckdb", "sqlite:a.db", ""}) {
    EXPECT_EQ(MaskUrl(url), url);
  }
}

}  // namespace
}  // namespace amont
