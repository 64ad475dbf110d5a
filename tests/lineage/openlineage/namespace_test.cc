#include "lineage/openlineage/namespace.h"

#include <gtest/gtest.h>

#include "lineage/openlineage/dataset_naming.h"
#include "tests/testing/corpus.h"

namespace amont {
namespace {

// A line "namespace | name" gives "namespace | name | table", credentials gone.
TEST(NamespaceTest, EverySpellingIsOne) {
  testing::CheckCorpus("openlineage_names", [](const testing::CorpusCase& one) {
    const DatasetNaming naming({{"warehouse", "postgresql://amont@db.example/shop", "", "public", {}},
                                {"other", "postgres://db.example:5432/crm", "", "public", {}},
                                {"sf", "snowflake://ACME-prod/ANALYTICS", "", "PUBLIC", {}}},
                               {{"postgresql://Workshop-DB", "warehouse"},
                                {"postgres://aliased:5432/one", "one"},
                                {"food_delivery", "warehouse"}});
    std::string answer;
    for (std::string_view rest = one.input; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const size_t bar = line.find(" | ");
      const std::string_view name = bar == std::string_view::npos ? "t" : line.substr(bar + 3);
      const DatasetId id = CanonicalDataset(line.substr(0, bar), name);
      answer += id.space + " | " + id.name + " | " + naming.Name(id).node.Text() + "\n";
    }
    return answer;
  });
}

TEST(NamespaceTest, FilesOfASourceAreItsTables) {
  SourceAddress lake{.source = "lake", .space = "", .database = "", .default_schema = "", .files = {}};
  lake.files = {{"flights", "/data/flights-*.parquet"},
                {"sales", "s3://bucket/sales/*.csv"},
                {"one", "file:///x/one.csv"}};
  const DatasetNaming naming({lake}, {});
  const auto named = [&](std::string_view space, std::string_view name) {
    return naming.Name(CanonicalDataset(space, name)).node.Text();
  };
  EXPECT_EQ(named("file", "/data/flights-2024.parquet"), "lake/flights");
  EXPECT_EQ(named("file", "/x/one.csv"), "lake/one");
  EXPECT_EQ(named("s3a://bucket", "/sales/"), "lake/sales");
  EXPECT_EQ(named("s3://bucket", "sales/a.csv"), "lake/sales");
  EXPECT_EQ(named("s3://other", "sales/a.csv"), "\"s3://other\"/\"sales/a.csv\"");
  EXPECT_EQ(named("file", "/x"), "file/\"/x\"");
}

TEST(NamespaceTest, ReadingTwiceChangesNothing) {
  for (const std::string_view text :
       {"postgres://host:5432", "postgresql://u:p@HOST/db", "s3a://Bucket/path/", "file:///tmp/x",
        "hdfs://nn:8020", "abfss://box:key@acc.dfs.core.windows.net", "bigquery",
        "redshift://c.x.eu-west-1.redshift.amazonaws.com", "spanner://project:instance",
        "kafka://a:9092,B:9092", "food_delivery", "arn:aws:glue:eu-west-1:123"}) {
    const CanonicalNamespace once = ReadNamespace(text);
    EXPECT_EQ(ReadNamespace(once.text).text, once.text) << text;
  }
}

TEST(NamespaceTest, CredentialsAreNowhere) {
  for (const std::string_view text :
       {"postgres://user:s3cr3t@host:5432/db", "postgres://user:s3cr3t@x@host",
        "jdbc:postgresql://h/db?password=s3cr3t", "jdbc:sqlserver://h:1433;user=sa;password=s3cr3t;x=y",
        "user:s3cr3t@host", "postgres://u:s3cr3t/x@host/db", "odd://u:s3cr3t@host",
        "abfss://box:s3cr3t@acc.net", "host=h password=s3cr3t dbname=x", "mysql://h/db?token=s3cr3t&x=1",
        "postgresql+psycopg2://u:s3cr3t@h", "postgres://:s3cr3t@h", "https://proxy/postgres://u:s3cr3t@h/x",
        "PASSWORD=s3cr3t"}) {
    EXPECT_EQ(ReadNamespace(text).text.find("s3cr3t"), std::string::npos) << ReadNamespace(text).text;
    EXPECT_EQ(ReadNamespace(text).database.find("s3cr3t"), std::string::npos) << text;
    EXPECT_EQ(CanonicalJob(text, "j").space.find("s3cr3t"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace amont
