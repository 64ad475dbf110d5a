// The questions whose answers a CatalogReading needs of a PostgreSQL server (12 or later), in the order they
// must be asked: one read-only statement each, no parameters, every cell a text that is not NULL. They need
// no privilege beyond connecting.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace amont {

enum class CatalogQuestion : uint8_t { kRelations, kColumns, kForeignKeys, kDependencies, kViews };

struct CatalogInquiry {
  CatalogQuestion question = CatalogQuestion::kRelations;
  std::string_view sql;
};

std::span<const CatalogInquiry> PostgresLineageInquiries();

}  // namespace amont
