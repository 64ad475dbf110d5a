#include "checks/plan/scan_limit.h"

#include <fmt/format.h>

#include <charconv>

#include "core/sql/value.h"

namespace amont {
namespace {

// 12,000 as it is; from a million on the order of magnitude is what matters: 5.0e9.
std::string Rounded(int64_t rows) {
  constexpr int64_t kMillion = 1'000'000;
  if (rows < kMillion) return HumanText(rows);
  std::string text = fmt::format("{:.1e}", static_cast<double>(rows));
  const size_t exponent = text.find("e+") + 1;
  text.erase(exponent, text[exponent + 1] == '0' ? 2 : 1);  // e+09 as people write it
  return text;
}

// The printed relation name behind `marker`: quoted parts may hold spaces.
std::string_view NameAfter(std::string_view line, std::string_view marker) {
  std::string_view rest = line.substr(line.find(marker) + marker.size());
  bool quoted = false;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    if (rest[i] == ' ' && !quoted) return rest.substr(0, i);
  }
  return rest;
}

int64_t PlannedRows(std::string_view line) {
  constexpr std::string_view kRows = " rows=";
  const size_t at = line.rfind(kRows);
  if (at == std::string_view::npos) return 0;
  int64_t rows = 0;
  std::from_chars(line.data() + at + kRows.size(), line.data() + line.size(), rows);
  return rows;
}

}  // namespace

Error TooManyRows(int64_t rows, int64_t max_scan_rows) {
  return MakeError(ErrorCode::kLimit, fmt::format("would read {} rows; max_scan_rows is {}", Rounded(rows),
                                                  Rounded(max_scan_rows)));
}

int64_t RowsReadBy(std::string_view line, const std::map<std::string, int64_t>& leaf_rows) {
  constexpr std::string_view kSequential = "Seq Scan on ";
  if (line.find(kSequential) != std::string_view::npos) {
    const auto known = leaf_rows.find(std::string(NameAfter(line, kSequential)));
    return known != leaf_rows.end() ? known->second : PlannedRows(line);
  }
  for (const std::string_view scan :
       {"Index Scan using", "Index Only Scan", "Bitmap Heap Scan", "Foreign Scan"}) {
    if (line.find(scan) != std::string_view::npos) return PlannedRows(line);
  }
  return 0;
}

}  // namespace amont
