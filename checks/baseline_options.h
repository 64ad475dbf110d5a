// How a learned bound is asked for, by a declaration or a backtest. Values.
#pragma once

#include <cstdint>

namespace amont {

enum class BaselineSeason : uint8_t {
  kNone,
  kDay,
  kHour
};  // what repeats: nothing, weekdays, hours of the week
enum class BaselineDirection : uint8_t { kBoth, kDrop, kRise };  // which changes matter
enum class BaselineSensitivity : uint8_t { kLow, kNormal, kHigh };

struct BaselineOptions {
  BaselineSeason season = BaselineSeason::kDay;
  BaselineDirection direction = BaselineDirection::kBoth;
  BaselineSensitivity sensitivity = BaselineSensitivity::kNormal;
};

}  // namespace amont
