// DigestOfReading: a text that is the same for two Extracts that say the same, whatever their times. Pure.
#pragma once

#include <string>

#include "lineage/edge.h"

namespace amont {

std::string DigestOfReading(const Extract& extract);

}  // namespace amont
