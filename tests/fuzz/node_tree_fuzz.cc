// Any bytes as PostgreSQL's record of a view: read or refused, within bounded time and stack.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lineage/catalog/view_flow.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto flow = amont::ReadViewFlow({reinterpret_cast<const char*>(data), size}, [](uint32_t) {
    return std::vector<int>{1, 2, 3};
  });
  if (flow && flow->columns.size() > size) __builtin_trap();
  return 0;
}
