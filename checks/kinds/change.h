// `change = { versus = "7d", min = "-30%", max = "50%" }`: how far a value may be from what it was. Pure.
#pragma once

#include <optional>

#include "checks/expectation.h"
#include "checks/kinds/bounds.h"
#include "checks/kinds/kind.h"

namespace amont {

// The entry `change` of a block; nullopt: absent, or a mistake that was reported.
std::optional<ChangeWithin> ReadChange(TomlReader& block, Domain domain);

inline constexpr Key kChangeBoundsKeys[] = {
    {.name = "min", .shape = KeyShape::kChange, .summary = "the lowest difference that is good"},
    {.name = "max", .shape = KeyShape::kChange, .summary = "the highest difference that is good"},
};
inline constexpr Key kChangeKeys[] = {
    {.name = "versus",
     .shape = KeyShape::kDuration,
     .summary = "how long ago the value to compare with was",
     .required = true},
    kChangeBoundsKeys[0],
    kChangeBoundsKeys[1],
    {.name = "fail",
     .shape = KeyShape::kTable,
     .summary = "min and max, written out",
     .keys = kChangeBoundsKeys},
    {.name = "warn",
     .shape = KeyShape::kTable,
     .summary = "tighter bounds, which only warn",
     .keys = kChangeBoundsKeys},
};
// The key itself, for the blocks that take it.
inline constexpr Key kChangeKey{.name = "change",
                                .shape = KeyShape::kTable,
                                .summary = "how far the value may be from what it was; a check of its own",
                                .keys = kChangeKeys};

}  // namespace amont
