#include "server/scheduler/slot.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

SlotId Parsed(std::string_view key) { return ParseSlotKey(key).value_or(SlotId{"unread", {}, 0}); }

TEST(Slot, KeysAreReadBack) {
  for (const char* key :
       {"w|15m||7@2026-11-24T06:00:00Z", "w|0 6 * * 1-5|Europe/Paris|@2026-11-24T05:00:00Z#3",
        "a@b|1s||0@2026-11-24T06:00:00.333333Z"}) {
    EXPECT_EQ(Parsed(key).Key(), key);
  }
  EXPECT_EQ(Parsed("w|15m||7@2026-11-24T06:00:00Z#2").turn, 2);
}

TEST(Slot, OtherTextsAreNoKeys) {
  for (const char* key :
       {"", "@2026-11-24T06:00:00Z", "w", "w@", "w@yesterday", "w@2026-11-24T06:00:00Z#",
        "w@2026-11-24T06:00:00Z#0", "w@2026-11-24T06:00:00Z#-1", "w@2026-11-24T06:00:00Z#1x"}) {
    EXPECT_FALSE(ParseSlotKey(key)) << key;
  }
}

}  // namespace
}  // namespace amont
