// Every limit of the program in one place, each with its reason. Units stand in the name or the type.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace amont::limits {

using namespace std::chrono_literals;

// Declarations.
inline constexpr size_t kFileBytesMax = 16u << 20;  // a declaration file larger than this is a mistake
inline constexpr size_t kSqlBytesMax = 64u << 10;   // one custom SQL text or `where`
inline constexpr size_t kCheckNameBytesMax = 200;   // it stands in ids, labels and file names
inline constexpr int kTomlDepthMax = 16;            // nothing declared nests deeper than about six
inline constexpr auto kIntervalMin = 1s;            // shorter schedules would measure only ourselves
inline constexpr int kDurationDaysMax = 10'000;     // keeps instants far from the ends of int64
inline constexpr int kCronHorizonYears = 9;         // Feb 29 on a given weekday recurs within 28, but any
                                                    // 29 Feb within 8: a cron not due by then never is
inline constexpr int kCalendarReachDays = 400;      // a calendar without a working day in a year has none

// Statements.
inline constexpr auto kStatementTimeout = 120s;    // default; `statement_timeout` of the source
inline constexpr auto kLockTimeout = 5s;           // a check never waits longer for a lock
inline constexpr auto kFuture = 5min;              // clocks differ; later rows are "clock or data"
inline constexpr int64_t kRowsMax = 1'000'000;     // rows one statement may return (catalogs are the largest)
inline constexpr int64_t kBytesMax = 256ll << 20;  // bytes of one result
inline constexpr int64_t kMaxScanRows = 100'000'000;  // default of max_scan_rows
inline constexpr int64_t kShortScanRows =
    1'000'000;                                  // scanned in well under a second: a probe need not go alone
inline constexpr int kSlotsPerStatement = 200;  // PostgreSQL allows 1,664 columns; plans stay readable
inline constexpr int kTablesPerCatalogStatement =
    20'000;                                   // names are one array parameter: below any message limit
inline constexpr int kConnections = 4;        // default concurrency a source
inline constexpr int kDuckdbConnections = 1;  // it is parallel itself, and each session has its own memory
inline constexpr int kGroupsMax = 50;         // default of max_groups
inline constexpr int kGroupsDeclaredMax = 10'000;  // of max_groups: each group is a row, a verdict, a history
inline constexpr int kSamplesMax = 20;             // rows shown of a failing check, at most
inline constexpr int kGroupSeenDays = 28;          // a group absent longer than this is forgotten

// History.
inline constexpr size_t kTrimmedSeriesPerBatch = 500;  // of one transaction: others write in between
inline constexpr size_t kListedMax = 1000;             // rows of one page of a listing
inline constexpr int kHistoryDays = 400;               // what `change` and closed windows may look back on

// Embedded engines.
inline constexpr int64_t kDuckdbMemoryBytes = 4ll << 30;  // a session; merged scans stay far below, sorts and
                                                          // distinct counts beyond it spill to disk
inline constexpr int64_t kDuckdbSpillBytes = 16ll << 30;  // a session; 80 % of the disk is DuckDB's own idea
inline constexpr int kDuckdbThreads = 8;                  // a session: four of them share the machine
inline constexpr size_t kDuckdbFilesMax = 10'000;         // files one glob may match
inline constexpr uint32_t kRegexSteps = 1'000'000;        // PCRE2's match limit, a value: some 50 ms
inline constexpr uint32_t kRegexHeapKib = 20'000;         // and the memory it may take for it
inline constexpr size_t kPercentileRowsMax = 32'000'000;  // numbers amont_percentile keeps: 256 MB

// The store on PostgreSQL.
inline constexpr auto kStoreStatement = 60s;  // one of its statements; a service retries
inline constexpr auto kStoreIdle = 5s;        // a transaction between two statements: its process was stopped

// RPC.
inline constexpr size_t kRpcMessageBytesMax = 4u << 20;  // either way: what gRPC's clients take by default
inline constexpr int kRpcThreads = 64;                   // calls at once, and a few that wait for calls
inline constexpr size_t kRpcRuns = 16;  // requested runs at once: fewer than threads, so others get one
inline constexpr size_t kPageSize = 100;
inline constexpr size_t kPageSizeMax = 1000;
inline constexpr size_t kRequestIdBytesMax = 128;
inline constexpr int kSelectionWordsMax = 100;
inline constexpr size_t kSelectionWordBytesMax = 1000;
inline constexpr size_t kTokensBytesMax = 1u << 20;  // thousands of tokens
inline constexpr size_t kPemBytesMax = 4u << 20;     // a bundle of every public authority has 0.2 MB

// Several replicas.
inline constexpr auto kLease = 15s;    // default: a leader beats three times in it
inline constexpr auto kLeaseMin = 1s;  // shorter would be lost to a slow store

// Stopping. Every wait of ours ends within 200 ms of a stop; the socket is shut when politeness took too
// long.
inline constexpr auto kSeverAfter = 100ms;
inline constexpr auto kPollStep = 50ms;

}  // namespace amont::limits
