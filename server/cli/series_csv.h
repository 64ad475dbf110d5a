// Series as CSV: `series,timestamp,value[,holiday]`, RFC 4180. Pure.
//
// A first line of names may put the columns in any order; without one they stand in this order. A time is a
// date or RFC 3339; one without an offset is local to the reader's zone. What is wrong with a line stays with
// the line: every line of the input has its answer in the output.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checks/judge/replay.h"
#include "core/result.h"
#include "core/zone.h"

namespace amont {

struct SeriesLine {
  std::string series;
  std::string time;   // as written
  std::string value;  // as written
  SeriesPoint point;
  std::string problem;  // why it is no point; empty: it is one
};

// kInvalid: a text without any line, or whose first line names columns that are not these.
Result<std::vector<SeriesLine>> ReadSeriesCsv(std::string_view text, const Zone& zone);

// A cell, quoted where it must be.
std::string CsvCell(std::string_view text);

}  // namespace amont
