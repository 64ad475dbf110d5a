// The lineage of a real PostgreSQL database, as the server would read it: every inquiry through a Connection.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/sql/connection.h"
#include "lineage/catalog/catalog_reading.h"

namespace amont::testing {

inline CatalogReading ReadServer(const std::string& url) {
  CatalogReading reading("wh");
  ConnectOptions options;
  options.name = "wh";
  options.url = url;
  auto connection = Connect(options, {});
  EXPECT_TRUE(connection.has_value());
  if (!connection) return reading;
  for (const CatalogInquiry& inquiry : PostgresLineageInquiries()) {
    const auto asked =
        (*connection)->Query(std::string(inquiry.sql), {}, {}, {}, [&](std::span<const Value> row) {
          std::vector<std::string> cells;
          for (const Value& cell : row) {
            EXPECT_FALSE(IsNull(cell));
            EXPECT_EQ(KindName(cell), "text");
            cells.push_back(StoredText(cell));
          }
          return reading.Add(inquiry.question, cells);
        });
    EXPECT_TRUE(asked.has_value()) << inquiry.sql << asked.error().message;
  }
  return reading;
}

}  // namespace amont::testing
