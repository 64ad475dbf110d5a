// `baseline = true`, or `{ sensitivity = "high", direction = "drop", season = "day" }`: learned bounds. Pure.
#pragma once

#include <optional>

#include "checks/expectation.h"
#include "checks/kinds/kind.h"
#include "checks/metric.h"

namespace amont {

// The entry `baseline` of a block; nullopt: absent, false, or a mistake that was reported. Hours of the week
// can only be told apart where the window is an hour.
std::optional<NearBaseline> ReadBaseline(TomlReader& block, const std::optional<Window>& window);

inline constexpr Key kBaselineKeys[] = {
    {.name = "sensitivity",
     .shape = KeyShape::kWord,
     .summary = "how little is enough to alert",
     .default_text = "normal",
     .words = "low|normal|high"},
    {.name = "direction",
     .shape = KeyShape::kWord,
     .summary = "which changes matter",
     .default_text = "both",
     .words = "both|drop|rise"},
    {.name = "season",
     .shape = KeyShape::kWord,
     .summary = "what repeats: weekdays, or hours of the week of windows of an hour",
     .default_text = "auto",
     .words = "auto|day|hour"},
};
inline constexpr Key kBaselineKey{
    .name = "baseline",
    .shape = KeyShape::kBooleanOrTable,
    .summary = "bounds learned from the check's own history; a check of its own",
    .keys = kBaselineKeys};

}  // namespace amont
