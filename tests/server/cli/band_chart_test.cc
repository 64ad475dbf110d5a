#include "server/cli/band_chart.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

ReplayedPoint Point(double value, double low, double high, BaselineStatus status = BaselineStatus::kPass) {
  ReplayedPoint point;
  point.judgement.value = value;
  point.judgement.expected = (low + high) / 2;
  point.judgement.low = low;
  point.judgement.high = high;
  point.judgement.status = status;
  return point;
}

Sheet Plain(size_t width = 60) {
  return Sheet(TextStyle{.colour = false, .verbose = false, .width = width, .unicode = false});
}

TEST(BandChart, DrawsValuesInTheirBand) {
  const std::vector<ReplayedPoint> points = {Point(4, 2, 6), Point(8, 2, 6, BaselineStatus::kFail),
                                             Point(0, 0, 2)};
  EXPECT_EQ(DrawBand(points, Plain(), 5),
            "           8 |  X\n"
            "             | ..\n"
            "           4 | o.\n"
            "             | ...\n"
            "           0 |   o\n");
}

TEST(BandChart, WhatAlertsIsNeverThinnedAway) {
  for (size_t at = 0; at < 1000; at += 37) {
    std::vector<ReplayedPoint> points(1000, Point(10, 8, 12));
    points[at] = Point(1, 8, 12, BaselineStatus::kWarn);
    EXPECT_NE(DrawBand(points, Plain(), 7).find('X'), std::string::npos) << at;
  }
}

TEST(BandChart, ASpikeDoesNotFlattenTheRest) {
  std::vector<ReplayedPoint> points(30, Point(100, 80, 120));
  points[5] = Point(1e9, 80, 120, BaselineStatus::kFail);
  const std::string drawn = DrawBand(points, Plain(), 9);
  EXPECT_NE(drawn.substr(0, drawn.find('\n')).find('X'), std::string::npos) << drawn;
  EXPECT_EQ(drawn.find("1,000,000,000"), std::string::npos) << drawn;
}

TEST(BandChart, NothingToDrawIsAnEmptyFrame) {
  ReplayedPoint left_out;
  left_out.problem = "there is no number";
  EXPECT_EQ(DrawBand(std::vector<ReplayedPoint>{left_out}, Plain(), 2), "           1 |\n           0 |\n");
  EXPECT_EQ(DrawBand({}, Plain(), 2), "           1 |\n           0 |\n");
}

}  // namespace
}  // namespace amont
