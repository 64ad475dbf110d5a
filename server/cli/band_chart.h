// BandChart: a series in a terminal, with the band in which its values were expected. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "checks/judge/replay.h"
#include "server/cli/sheet.h"

namespace amont {

// `height` lines of at most style.width columns, the highest value first, each ending in a line feed: the
// band, the values in it, and those that alert. Neighbours share a column where there are more points than
// columns, and the one that alerts, or else the furthest from what was expected, is shown. Values far above
// the band are drawn at the top.
std::string DrawBand(std::span<const ReplayedPoint> points, const Sheet& sheet, size_t height);

}  // namespace amont
