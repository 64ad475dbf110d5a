// DigestOf: a number that tells texts apart, the same in every process and release (FNV-1a, 64 bits). Not for
// secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace amont {

constexpr int64_t DigestOf(std::string_view text) {
  uint64_t digest = 0xcbf29ce484222325;
  for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<int64_t>(digest);
}

}  // namespace amont
