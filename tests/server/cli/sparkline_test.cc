#include "server/cli/sparkline.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace amont {
namespace {

using Points = std::vector<std::optional<double>>;

TEST(Sparkline, RunsFromTheLowestToTheHighest) {
  EXPECT_EQ(Sparkline(Points{0, 1, 2, 3, 4, 5, 6, 7}, 8, true), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(Sparkline(Points{7, 0}, 8, true), "█▁");
  EXPECT_EQ(Sparkline(Points{0, 7}, 8, false), "_#");
}

TEST(Sparkline, WhatIsAllAlikeStandsHalfHigh) { EXPECT_EQ(Sparkline(Points{5, 5, 5}, 8, true), "▅▅▅"); }

TEST(Sparkline, WhatIsNoNumberIsAGap) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Sparkline(Points{0, std::nullopt, infinity, 1}, 8, true), "▁  █");
  EXPECT_EQ(Sparkline(Points{std::nullopt}, 8, true), "");
  EXPECT_EQ(Sparkline({}, 8, true), "");
  EXPECT_EQ(Sparkline(Points{1}, 0, true), "");
}

TEST(Sparkline, AnOutlierIsNeverThinnedAway) {
  for (size_t place = 0; place < 1000; ++place) {
    Points points(1000, 10.0);
    points[place] = 0;
    const std::string line = Sparkline(points, 20, true);
    EXPECT_EQ(line.size(), 60) << "three bytes a block";
    EXPECT_NE(line.find("▁"), std::string::npos) << place;
  }
}

TEST(Sparkline, TheLargestNumbersFit) {
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(Sparkline(Points{-most, 0, most}, 8, true), "▁▅█");
}

}  // namespace
}  // namespace amont
