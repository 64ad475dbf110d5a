// Replay: a whole series, oldest first, through a learned bound, as if each value had just been measured.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checks/judge/baseline.h"
#include "core/zone.h"

namespace amont {

struct SeriesPoint {
  Timestamp at;      // of a daily series any time of its day
  double value = 0;  // NaN: there is none
  bool holiday = false;
};

struct ReplayedPoint {
  BaselineJudgement judgement;
  // Why the point was left out: it came twice, out of order, or is no count. Nothing was learned from it.
  std::string problem;
};

// What repeats in a series, by the usual distance of its points: about a day or more, about an hour, or
// nothing that is known.
BaselineSeason SeasonOf(std::span<const SeriesPoint> points);

// One answer a point, in order. Days and hours are those of `zone`; the days beside a holiday are found from
// the points that say so.
std::vector<ReplayedPoint> Replay(std::span<const SeriesPoint> points, const BaselineOptions& options,
                                  const Zone& zone);

// What would have been sent.
struct ReplaySummary {
  size_t points = 0;
  size_t left_out = 0;
  size_t learning = 0;
  size_t alerts = 0;     // points that would have alerted
  size_t incidents = 0;  // alerts one after the other are one
  double days = 0;       // from the first point that was judged to the last

  // Incidents a year; 0 for a series of less than a day.
  double IncidentsAYear() const;
};
ReplaySummary Summarise(std::span<const SeriesPoint> points, std::span<const ReplayedPoint> replayed);

}  // namespace amont
