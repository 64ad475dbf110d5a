// The names OpenLineage gives to datasets, in one spelling. Producers write the same server as
// postgres://host:5432, postgresql://host or postgres://host:None, with a user and a password in front of the
// host or the database behind it; all of these are one namespace here.
//
// The spelling is that of OpenLineage's naming rules: databases as scheme://host:port with the port always
// there, buckets and file systems without a path, "bigquery" and "file" bare. What follows no rule we know is
// kept as it is. Credentials are dropped before anything else and are in no result. Values; no threads;
// nothing fails.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace amont {

// How the names within a namespace are made.
enum class NamespaceStyle : uint8_t {
  kDatabase,  // database.schema.table, or fewer parts
  kPath,      // a path, a key or a topic: one whole
  kUnknown,   // dotted where it looks so
};

struct CanonicalNamespace {
  std::string text;      // "postgres://host:5432"
  std::string database;  // what stood behind the server: postgres://host/shop says "shop"
  NamespaceStyle style = NamespaceStyle::kUnknown;

  bool operator==(const CanonicalNamespace&) const = default;
};

// Also reads the address of a source as amont.toml has it.
CanonicalNamespace ReadNamespace(std::string_view text);

// The text without the user and password of an address in it, and without values of password=, token= and
// the like.
std::string WithoutCredentials(std::string_view text);

// A dataset in one spelling: the namespace's text, and a name that begins with the database where it is
// known. Jobs are named so too, their namespace kept as it is.
struct DatasetId {
  std::string space;
  std::string name;

  auto operator<=>(const DatasetId&) const = default;
  bool operator==(const DatasetId&) const = default;
};

DatasetId CanonicalDataset(std::string_view space, std::string_view name);
DatasetId CanonicalDataset(const CanonicalNamespace& space, std::string_view name);
DatasetId CanonicalJob(std::string_view space, std::string_view name);

}  // namespace amont

template <>
struct std::hash<amont::DatasetId> {
  size_t operator()(const amont::DatasetId& id) const noexcept;
};
