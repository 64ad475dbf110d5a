#include "server/store/schema.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace amont {

namespace {

// SQLite keeps a table of many small rows in its primary key, half as large; other engines have no such
// words.
constexpr std::string_view kWithoutRowid = " WITHOUT ROWID";

// Times are microseconds since 1970 UTC. Values are (kind, text) as StoredText writes them: exact.
constexpr std::array<std::string_view, 12> kVersion1 = {
    "CREATE TABLE amont_store (version BIGINT NOT NULL)",
    "INSERT INTO amont_store (version) VALUES (0)",
    "CREATE TABLE run (id BIGINT NOT NULL PRIMARY KEY, trigger_kind TEXT NOT NULL, trigger_key TEXT NOT "
    "NULL, "
    "started BIGINT NOT NULL, finished BIGINT, UNIQUE (trigger_kind, trigger_key))",
    // One row a check a run. The sentence is kept only where the status changed.
    "CREATE TABLE verdict (check_id TEXT NOT NULL, run BIGINT NOT NULL, at BIGINT NOT NULL, status TEXT NOT "
    "NULL, "
    "sentence TEXT, PRIMARY KEY (check_id, run)) WITHOUT ROWID",
    "CREATE TABLE series (id BIGINT NOT NULL PRIMARY KEY, check_id TEXT NOT NULL, group_name TEXT NOT NULL, "
    "UNIQUE (check_id, group_name))",
    // `at` is the end of the window for a windowed check, else when it was measured.
    "CREATE TABLE point (series BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, value TEXT NOT "
    "NULL, "
    "status TEXT NOT NULL, mark TEXT, windowed BIGINT NOT NULL, measured BIGINT NOT NULL, "
    "first_measured BIGINT NOT NULL, accepted BIGINT NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID",
    // Few points ever are accepted; looking for one must not read the others.
    "CREATE INDEX point_accepted ON point (accepted, series, at) WHERE accepted = 1",
    // state: accepted or pending.
    "CREATE TABLE schema_state (check_id TEXT NOT NULL, state TEXT NOT NULL, since BIGINT NOT NULL, "
    "PRIMARY KEY (check_id, state))",
    "CREATE TABLE schema_column (check_id TEXT NOT NULL, state TEXT NOT NULL, position BIGINT NOT NULL, "
    "name TEXT NOT NULL, type TEXT NOT NULL, nullable BIGINT NOT NULL, PRIMARY KEY (check_id, state, "
    "position))",
    "CREATE TABLE known_table (source TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL, "
    "PRIMARY KEY (source, schema_name, table_name))",
    "CREATE TABLE apart (check_id TEXT NOT NULL PRIMARY KEY, declaration TEXT NOT NULL)",
    "CREATE TABLE acceptance (check_id TEXT NOT NULL, at BIGINT NOT NULL, note TEXT NOT NULL, "
    "PRIMARY KEY (check_id, at))",
};

constexpr std::array<std::string_view, 8> kVersion2 = {
    // Of the lease that the run's claimer held; 0: none.
    "ALTER TABLE run ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, "
    "beat BIGINT NOT NULL)",
    // `run`, `said`: the newest run that judged the check, and its status, errors included.
    "CREATE TABLE check_state (check_id TEXT NOT NULL PRIMARY KEY, table_name TEXT NOT NULL, status TEXT, "
    "since BIGINT, error TEXT NOT NULL, last_run BIGINT NOT NULL, last_success BIGINT, value DOUBLE PRECISION, "
    "expected_min DOUBLE PRECISION, expected_max DOUBLE PRECISION, sentence TEXT NOT NULL, newest BIGINT, "
    "deadline BIGINT, row_count BIGINT, group_counts TEXT NOT NULL, schema_changes BIGINT NOT NULL, "
    "run BIGINT NOT NULL, said TEXT NOT NULL)",
    "CREATE TABLE accepted_file (path TEXT NOT NULL PRIMARY KEY, content TEXT NOT NULL, accepted BIGINT NOT NULL)",
    // Listings, by run and by time; the two partial ones hold few rows.
    "CREATE INDEX verdict_run ON verdict (run, check_id)",
    "CREATE INDEX verdict_told ON verdict (check_id, run) WHERE sentence IS NOT NULL",
    "CREATE INDEX verdict_bad ON verdict (status, run, check_id) WHERE status <> 'pass'",
    "CREATE INDEX run_started ON run (started, id)",
};

constexpr std::array<std::string_view, 8> kVersion3 = {
    // Who records the run, and how often it said so: of runs that no lease fences.
    "ALTER TABLE run ADD COLUMN holder TEXT",
    "ALTER TABLE run ADD COLUMN beat BIGINT NOT NULL DEFAULT 0",
    // Between which times its verdicts lie.
    "ALTER TABLE run ADD COLUMN first_at BIGINT",
    "ALTER TABLE run ADD COLUMN last_at BIGINT",
    // Runs of an earlier release have no such times, but started at most a day before or after.
    "CREATE INDEX run_first ON run (coalesce(first_at, started - 86400000000), id)",
    "CREATE INDEX run_last ON run (coalesce(last_at, started + 86400000000), id)",
    // Few runs are asked for, and fewer are not finished.
    "CREATE INDEX run_asked ON run (id) WHERE trigger_kind <> 'slot'",
    "CREATE INDEX run_open ON run (id) WHERE finished IS NULL AND trigger_kind <> 'slot'",
};

// Lineage. Names of nodes, columns and origins are words (lineage_names.h), enums the numbers of ours.
constexpr std::array<std::string_view, 12> kVersion4 = {
    "CREATE TABLE lineage_word (id BIGINT NOT NULL PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    // Of one row, which whoever writes lineage holds.
    "CREATE TABLE lineage_clock (sequence BIGINT NOT NULL)",
    "INSERT INTO lineage_clock (sequence) VALUES (0)",
    // job: 0 where it is not known.
    "CREATE TABLE lineage_edge (upstream BIGINT NOT NULL, downstream BIGINT NOT NULL, kind BIGINT NOT NULL, "
    "provenance BIGINT NOT NULL, origin BIGINT NOT NULL, job BIGINT NOT NULL, confidence DOUBLE PRECISION NOT "
    "NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL, PRIMARY KEY (upstream, downstream, kind, "
    "provenance, origin, job)) WITHOUT ROWID",
    "CREATE TABLE lineage_fact (node BIGINT NOT NULL, provenance BIGINT NOT NULL, origin BIGINT NOT NULL, "
    "content TEXT NOT NULL, PRIMARY KEY (node, provenance, origin))",
    // node, target: 0 where there is none.
    "CREATE TABLE lineage_ending (kind BIGINT NOT NULL, provenance BIGINT NOT NULL, origin BIGINT NOT NULL, "
    "node BIGINT NOT NULL, target BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (kind, provenance, origin, "
    "node, target, at)) WITHOUT ROWID",
    "CREATE TABLE lineage_reading (provenance BIGINT NOT NULL, origin TEXT NOT NULL, digest TEXT NOT NULL, "
    "PRIMARY KEY (provenance, origin))",
    "CREATE TABLE lineage_run_event (run TEXT NOT NULL, digest BIGINT NOT NULL, content TEXT NOT NULL, "
    "at BIGINT NOT NULL, PRIMARY KEY (run, digest))",
    "CREATE INDEX lineage_run_event_at ON lineage_run_event (at)",
    "CREATE TABLE lineage_statement (key TEXT NOT NULL PRIMARY KEY, ended BIGINT NOT NULL, reason TEXT NOT NULL, "
    "origin TEXT NOT NULL, subject TEXT NOT NULL, unresolved TEXT NOT NULL, seen BIGINT NOT NULL)",
    "CREATE INDEX lineage_statement_seen ON lineage_statement (seen, key)",
    "CREATE INDEX lineage_statement_ended ON lineage_statement (ended, seen, key)",
};

constexpr std::array<std::span<const std::string_view>, kStoreVersion> kMigrations = {
    std::span<const std::string_view>(kVersion1), std::span<const std::string_view>(kVersion2),
    std::span<const std::string_view>(kVersion3), std::span<const std::string_view>(kVersion4)};

Result<void> CheckVersion(int64_t version) {
  if (version <= kStoreVersion + 1) return {};
  return MakeError(ErrorCode::kInvalid,
                   fmt::format("the store has version {}; this release reads up to {}: use a newer amont",
                               version, kStoreVersion + 1));
}

// PostgreSQL's own: ids that several writers draw at once.
constexpr std::array<std::string_view, 2> kSequences = {"CREATE SEQUENCE run_id",
                                                        "CREATE SEQUENCE series_id"};

// The statement in the engine's words. Texts are ordered by bytes everywhere, as we compare them.
std::string Worded(std::string_view statement, Engine engine) {
  if (engine == Engine::kSqlite) return std::string(statement);
  constexpr std::string_view kText = " TEXT";
  constexpr std::string_view kByBytes = " COLLATE \"C\"";
  if (statement.ends_with(kWithoutRowid)) statement.remove_suffix(kWithoutRowid.size());
  std::string text(statement);
  for (size_t at = text.find(kText); at != std::string::npos; at = text.find(kText, at + 1)) {
    text.insert(at + kText.size(), kByBytes);
  }
  return text;
}

// Inside a transaction: brings a store of whatever version to this release's. Another process may have done
// so since.
Result<void> Apply(StoreSession& session) {
  AMONT_TRY(const int64_t version, ReadStoreVersion(session));
  AMONT_TRY_VOID(CheckVersion(version));
  if (version == 0 && session.engine() != Engine::kSqlite) {
    for (const std::string_view statement : kSequences) {
      AMONT_TRY_VOID(session.Execute(std::string(statement), {}));
    }
  }
  for (int64_t next = version + 1; next <= kStoreVersion; ++next) {
    for (const std::string_view statement : kMigrations[static_cast<size_t>(next - 1)]) {
      AMONT_TRY_VOID(session.Execute(Worded(statement, session.engine()), {}));
    }
    const std::array<Value, 1> params = {next};
    AMONT_TRY_VOID(session.Execute("UPDATE amont_store SET version = $1", params));
  }
  return session.Commit();
}

// One process at a time: the others wait here and find it done.
Result<void> LockSchema(StoreSession& session) {
  if (session.engine() == Engine::kSqlite) return {};
  for (const char* statement : {"SET LOCAL statement_timeout = 0", "SET LOCAL lock_timeout = 0",
                                "SELECT pg_advisory_xact_lock(hashtext('amont.store'))"}) {
    AMONT_TRY_VOID(session.Execute(statement, {}));
  }
  // Asked first: creating what is there already needs a privilege that a role may lack.
  int64_t schemas = 0;
  AMONT_TRY_VOID(session.Query("SELECT 1 FROM pg_namespace WHERE nspname = 'amont'", {}, {}, {},
                               [&](std::span<const Value>) {
                                 ++schemas;
                                 return Result<void>();
                               }));
  if (schemas > 0) return {};
  AMONT_TRY_VOID(session.Execute("CREATE SCHEMA amont", {}));
  return {};
}

}  // namespace

Result<int64_t> ReadStoreVersion(Connection& session) {
  int64_t tables = 0;
  bool ours = false;
  const bool is_file = session.engine() == Engine::kSqlite;
  AMONT_TRY_VOID(session.Query(is_file ? "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                       : "SELECT tablename FROM pg_tables WHERE schemaname = 'amont'",
                               {}, {}, {}, [&](std::span<const Value> row) {
                                 ++tables;
                                 ours |= row[0] == Value(std::string("amont_store"));
                                 return Result<void>();
                               }));
  if (tables == 0) return int64_t{0};
  if (!ours) {
    return MakeError(ErrorCode::kInvalid, is_file ? "the file is a database of another program"
                                                  : "the schema amont is of another program");
  }
  std::optional<int64_t> version;
  AMONT_TRY_VOID(
      session.Query("SELECT version FROM amont_store", {}, {}, {}, [&](std::span<const Value> row) {
        version = AsInteger(row[0]);
        return Result<void>();
      }));
  if (!version) return MakeError(ErrorCode::kInvalid, "the store has no version");
  return *version;
}

Result<void> CheckReadable(Connection& connection) {
  AMONT_TRY(const int64_t version, ReadStoreVersion(connection));
  return CheckVersion(version);
}

Result<void> Migrate(StoreSession& session) {
  AMONT_TRY(const int64_t version, ReadStoreVersion(session));
  if (version >= kStoreVersion) return CheckVersion(version);
  AMONT_TRY_VOID(session.BeginWrite());
  Result<void> applied = LockSchema(session);
  if (applied) applied = Apply(session);
  if (!applied) session.Rollback();
  return applied;
}

}  // namespace amont
