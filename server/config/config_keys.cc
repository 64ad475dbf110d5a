#include "server/config/config_keys.h"

#include <array>

namespace amont {
namespace {

constexpr Key kSourceKeys[] = {
    {.name = "url",
     .summary = "postgresql://USER@HOST/DATABASE, duckdb:, duckdb:FILE or sqlite:FILE",
     .required = true},
    {.name = "password_file",
     .summary = "PostgreSQL: the file that holds the password",
     .default_text = "libpq's own ways"},
    {.name = "tables",
     .shape = KeyShape::kNamedStrings,
     .summary = "DuckDB: files as tables: { flights = \"data/flights-*.parquet\" }"},
    {.name = "connections",
     .shape = KeyShape::kInteger,
     .summary = "how many statements run at once, at most",
     .default_text = "4; DuckDB 1: it is parallel itself"},
    {.name = "statement_timeout",
     .shape = KeyShape::kDuration,
     .summary = "the longest a statement may run",
     .default_text = "2m"},
    {.name = "max_scan_rows",
     .shape = KeyShape::kInteger,
     .summary = "a statement estimated to read more is not run; 0: off",
     .default_text = "100_000_000"},
    {.name = "timezone",
     .shape = KeyShape::kZone,
     .summary = "how timestamps without zone are read",
     .default_text = "UTC"},
    {.name = "pii",
     .shape = KeyShape::kStrings,
     .summary = "columns whose values never leave the database: [\"*email*\", \"birth*\"]"},
};

constexpr Key kOwnerKeys[] = {
    {.name = "contact", .summary = "whom to ask: \"#finance-data\""},
    {.name = "labels",
     .shape = KeyShape::kNamedStrings,
     .summary = "on every alert of theirs: { team = \"finance\" }"},
};

constexpr Key kCalendarKeys[] = {
    {.name = "timezone", .shape = KeyShape::kZone, .summary = "whose days these are", .default_text = "UTC"},
    {.name = "weekdays",
     .summary = "working days: \"mon-fri\", \"sun-thu\", \"mon,wed,fri\"",
     .default_text = "all"},
    {.name = "holidays", .shape = KeyShape::kStrings, .summary = "days off: [\"2026-12-24\"]"},
};

constexpr Key kKeepKeys[] = {
    {.name = "measurements", .shape = KeyShape::kDuration, .summary = "values", .default_text = "400d"},
    {.name = "verdicts",
     .shape = KeyShape::kDuration,
     .summary = "what was said of them",
     .default_text = "90d"},
    {.name = "events", .shape = KeyShape::kDuration, .summary = "lineage events", .default_text = "30d"},
};

constexpr Key kStoreKeys[] = {
    {.name = "url",
     .summary = "where history is kept: sqlite:FILE, or postgresql://USER@HOST/DATABASE for several services",
     .default_text = "sqlite:amont.db; without [store], `run` has .amont/history.db of its own"},
    {.name = "password_file", .summary = "a file that holds the password of postgresql://…"},
    {.name = "keep", .shape = KeyShape::kTable, .summary = "for how long", .keys = kKeepKeys},
    {.name = "lease",
     .shape = KeyShape::kDuration,
     .summary = "how long the leader may be silent before another replica takes over",
     .default_text = "15s"},
};

constexpr Key kTlsKeys[] = {
    {.name = "cert_file", .summary = "the certificate and its chain, PEM", .required = true},
    {.name = "key_file", .summary = "its private key, PEM", .required = true},
    {.name = "client_ca_file",
     .summary = "gRPC clients must have a certificate signed by one of these",
     .default_text = "none is asked for"},
};

constexpr Key kAuthKeys[] = {
    {.name = "tokens_file", .summary = "who may call, and what they may do", .required = true},
};

constexpr Key kServeKeys[] = {
    {.name = "grpc", .summary = "where gRPC listens: HOST:PORT", .default_text = "127.0.0.1:7433"},
    {.name = "http", .summary = "where metrics and health are: HOST:PORT", .default_text = "127.0.0.1:7434"},
    {.name = "tls", .shape = KeyShape::kTable, .summary = "both listeners speak TLS", .keys = kTlsKeys},
    {.name = "auth", .shape = KeyShape::kTable, .summary = "callers need a token", .keys = kAuthKeys},
    {.name = "insecure",
     .shape = KeyShape::kBoolean,
     .summary = "listen to other machines without `tls` or `auth`",
     .default_text = "false"},
};

constexpr Key kLineageKeys[] = {
    {.name = "dbt_manifests",
     .shape = KeyShape::kStringOrStrings,
     .summary = "dbt's target/manifest.json, globs too; read again when they change, catalog.json and "
                "run_results.json beside them too"},
    {.name = "aliases",
     .shape = KeyShape::kNamedStrings,
     .summary =
         "namespaces of OpenLineage that are sources of yours: { \"postgres://db:5432\" = \"warehouse\" }"},
    {.name = "trust",
     .shape = KeyShape::kStrings,
     .summary = "lineage that may fold alerts and hold gates besides declared, dbt and catalog lineage: "
                "[\"openlineage\", \"sql\"]"},
};

}  // namespace

std::span<const Key> ConfigKeys() {
  static const std::array keys = {
      Key{.name = "checks",
          .shape = KeyShape::kStringOrStrings,
          .summary = "declaration files, relative to this one",
          .default_text = "[\"checks/**/*.toml\"]"},
      Key{.name = "source",
          .shape = KeyShape::kNamedTables,
          .summary = "a warehouse, under any name",
          .keys = kSourceKeys},
      Key{.name = "owner",
          .shape = KeyShape::kNamedTables,
          .summary = "who answers for tables",
          .keys = kOwnerKeys},
      Key{.name = "calendar",
          .shape = KeyShape::kNamedTables,
          .summary = "which days are working days",
          .keys = kCalendarKeys},
      DeclarationKeys().front(),  // [defaults]
      Key{.name = "store",
          .shape = KeyShape::kTable,
          .summary = "what is remembered between runs",
          .keys = kStoreKeys},
      Key{.name = "serve",
          .shape = KeyShape::kTable,
          .summary = "where the service listens",
          .keys = kServeKeys},
      Key{.name = "lineage", .shape = KeyShape::kTable, .summary = "what feeds what", .keys = kLineageKeys},
  };
  return keys;
}

}  // namespace amont
