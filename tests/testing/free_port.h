// A TCP port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves: whoever
// starts them tries again with another where somebody was faster.
#pragma once

#include <cstdint>

namespace amont::testing {

uint16_t FreePort();

}  // namespace amont::testing
