#include "server/cli/series_csv.h"

#include <gtest/gtest.h>

#include <cmath>

namespace amont {
namespace {

std::vector<SeriesLine> Lines(std::string_view text, const Zone& zone = Zone()) {
  auto lines = ReadSeriesCsv(text, zone);
  EXPECT_TRUE(lines.has_value());
  return lines ? *lines : std::vector<SeriesLine>();
}

TEST(SeriesCsv, ReadsLinesWithAndWithoutNames) {
  for (const std::string_view text :
       {"series,timestamp,value,holiday\norders,2026-01-05,100,1\n", "orders,2026-01-05,100,1",
        "value,holiday,series,timestamp\r\n100,true,orders,2026-01-05\r\n",
        "\xEF\xBB\xBFseries,timestamp,value,holiday\n\"orders\",\"2026-01-05\",\"100\",1\n\n"}) {
    const auto lines = Lines(text);
    ASSERT_EQ(lines.size(), 1U) << text;
    EXPECT_EQ(lines[0].series, "orders");
    EXPECT_EQ(lines[0].problem, "");
    EXPECT_EQ(FormatTimestamp(lines[0].point.at), "2026-01-05T00:00:00Z");
    EXPECT_EQ(lines[0].point.value, 100);
    EXPECT_TRUE(lines[0].point.holiday);
  }
}

TEST(SeriesCsv, ATimeWithoutAnOffsetIsLocal) {
  const auto paris = Zone::Load("Europe/Paris");
  ASSERT_TRUE(paris);
  const auto lines = Lines("a,2026-07-01 06:00:00,1\na,2026-07-01T06:00:00Z,1\n", *paris);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(FormatTimestamp(lines[0].point.at), "2026-07-01T04:00:00Z");
  EXPECT_EQ(FormatTimestamp(lines[1].point.at), "2026-07-01T06:00:00Z");
}

TEST(SeriesCsv, WhatIsWrongStaysWithItsLine) {
  const auto lines =
      Lines("a,2026-01-05,1\na,yesterday,2\na\na,2026-01-06,,\na,2026-01-07,3,maybe\na,2026-01-08,4\n");
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0].problem, "");
  EXPECT_EQ(lines[1].problem, "`yesterday` is neither a date nor a time");
  EXPECT_EQ(lines[2].problem, "1 cells are too few");
  EXPECT_EQ(lines[3].problem, "");
  EXPECT_TRUE(std::isnan(lines[3].point.value));
  EXPECT_EQ(lines[4].problem, "`maybe` does not say whether it is a holiday");
  EXPECT_EQ(lines[5].problem, "");
}

TEST(SeriesCsv, NamesThatAreNotOursAreSaid) {
  const auto lines = ReadSeriesCsv("serie,timestamp,value\na,2026-01-05,1\n", Zone());
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().message, "the first line has no column `series`; did you mean `serie`?");
  EXPECT_FALSE(ReadSeriesCsv("", Zone()));
  EXPECT_FALSE(ReadSeriesCsv("\n\n", Zone()));
}

TEST(SeriesCsv, CellsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(CsvCell("plain"), "plain");
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell("a \"b\""), "\"a \"\"b\"\"\"");
}

TEST(SeriesCsv, AnUnclosedQuoteEndsWithTheText) {
  const auto lines = Lines("a,2026-01-05,1\n\"b,2026-01-06,2\n");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].problem, "1 cells are too few");
}

}  // namespace
}  // namespace amont
